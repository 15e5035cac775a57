internal import ArgumentParser
internal import Schema

/// `wgctl explain`
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what a field of a manifest means, and which fields it has.",
        discussion: """
            From the schemas that manifests and the host policy are validated with. No daemon is needed.

            EXAMPLES:
              wgctl explain node
              wgctl explain node.spec.overlays
              wgctl explain node.metadata.labels
              wgctl explain pod
              wgctl explain overlay --recursive
              wgctl explain hostpolicy.spec.containers

            EXIT STATUS:
              0   shown
              1   there is no such kind or field
              64  wrong command line
            """)

    @Argument(
        help: ArgumentHelp("KIND[.FIELD…]: node.spec.containers.image", valueName: "field"),
        completion: FieldCompletion.field)
    var field: String

    @Flag(help: "All fields below, with their types only.")
    var recursive = false

    func run() async throws {
        try await reportingFailure {
            let explanation = try FieldExplanation(field, in: try SchemaCatalog.ofEverything())
            if let remark = explanation.remark { Terminal.note(remark) }
            Terminal.print(explanation.lines(isRecursive: recursive))
        }
    }
}

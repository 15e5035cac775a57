internal import ArgumentParser
internal import ControlAPI
internal import JSON
internal import Resources

/// `wgctl prune`
struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Show the deletions that wait for your word, and let them go.",
        discussion: """
            A change of the manifests that would delete this host's own Node, its last Overlay, everything, or more \
            than a limit (wgd --prune-percent, --prune-count) deletes nothing: what it concerns stays as it was until \
            it is back in the manifests, or until you confirm. Everything else in the change goes ahead.

            EXAMPLES:
              wgctl prune
              wgctl prune --confirm

            EXIT STATUS:
              0   nothing is held, or what was held was let go
              1   something is held, or what is held changed meanwhile
              3   no daemon answers
              64  wrong command line
            """)

    @Flag(help: "Let go what is held now.")
    var confirm = false

    @Option(name: .shortAndLong, help: "json or yaml.")
    var output: DataFormat?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            let held = try await connection.client.heldDeletions()
            if let output {
                Terminal.print(text: try Rendering.text(try JSONValue(encoding: held), output.outputFormat))
            } else {
                Terminal.print(PruneText.lines(held, isConfirming: confirm))
            }
            guard !held.isEmpty else { return Terminal.note("nothing is held") }
            guard confirm else { throw ExitStatus.failure }
            try await connection.client.prune(held.deletions)
            Terminal.note("\(counted(held.deletions.count, "deletion")) confirmed")
        }
    }
}

/// The text of `wgctl prune`.
enum PruneText {
    /// With what to do about them in the end, on the same stream: `wgctl prune | tail` shows it last.
    static func lines(_ held: HeldDeletions, isConfirming: Bool = false) -> [String] {
        guard !held.isEmpty else { return [] }
        let reasons = held.reasons.map { "held: \($0)" }
        let them = held.deletions.count == 1 ? "it" : "them"
        let remedy = "restore \(them) in the manifests, or delete \(them): wgctl prune --confirm"
        return (reasons + [""] + held.deletions.map { "  - \($0)" }).map(\.printable)
            + (isConfirming ? [] : ["", remedy])
    }
}

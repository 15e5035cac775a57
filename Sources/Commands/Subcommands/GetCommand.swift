internal import ArgumentParser
internal import ControlAPI
internal import Foundation

/// `wgctl get`
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "List nodes, overlays, gateways, containers, peers, routes or events.",
        discussion: """
            Kinds and their short names: nodes (no), overlays (ov), gateways (gw), containers (co, po), peers (pe), \
            routes (ro), events (ev); "all" is all of them but events. The names of peers are those of their nodes.

            EXAMPLES:
              wgctl get nodes
              wgctl get nodes,containers,peers
              wgctl get node host-a -o yaml
              wgctl get containers -l 'app in (web,db),!canary' -o wide
              wgctl get peers -w
              wgctl get nodes --field-selector ready!=True
              wgctl get nodes --sort-by .metadata.creationTimestamp
              wgctl get nodes -o jsonpath='{.items[*].spec.endpoint}'
              wgctl get co -o custom-columns=NAME:.metadata.name,ON:.spec.node

            \(ExitStatus.help)
            """)

    @Argument(
        help: ArgumentHelp("KIND[,KIND…] [NAME…], or KIND/NAME…", valueName: "what"),
        completion: ObjectCompletion.kind)
    var what: [String]

    @Option(
        name: [.customShort("l"), .customLong("selector"), .customLong("labels")],
        help: ArgumentHelp("Only objects with these labels: a=b, a!=b, a in (b,c), a notin (b,c), a, !a."))
    var labels: String?

    @Option(
        help: ArgumentHelp(
            "Only objects with these fields: name, node, overlay, ready; a=b, a!=b.", valueName: "fields"))
    var fieldSelector: String?

    @Flag(help: "Show the labels in a last column.")
    var showLabels = false

    @Option(help: ArgumentHelp("Sort by a field, such as .metadata.creationTimestamp.", valueName: "path"))
    var sortBy: String?

    @Option(
        name: .shortAndLong, help: ObjectFormat.help, transform: ObjectFormat.parse)
    var output: ObjectFormat?

    @OptionGroup var namespaces: NamespaceOptions

    @Flag(name: .shortAndLong, help: "Go on printing what changes.")
    var watch = false

    @Flag(help: "Leave the header line out.")
    var noHeaders = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            let query = try Query(
                words: what, labels: labels, fields: fieldSelector, showsLabels: showLabels && !rendering.isDocument)
            if watch {
                guard sortBy == nil, output == nil || output?.output != nil else {
                    throw CommandFailure(
                        "-w prints what changes as it comes: not sorted, and as wide, json, yaml or name")
                }
                return try await ObjectFollower(query: query, rendering: rendering).run(connection.client)
            }
            let state = try await connection.source.open()
            state.note()
            let path = try sortBy.map(Self.path)
            guard path != nil || output != rendering.format.map(ObjectFormat.output) else {
                return try await ObjectLister(query: query, rendering: rendering, state: state).run()
            }
            try await ObjectArranger(
                query: query, rendering: rendering, state: state, format: output, sortPath: path
            ).run()
        }
    }

    private static func path(_ text: String) throws -> JSONPath {
        do { return try JSONPathParser.path(text) } catch { throw CommandFailure("--sort-by: \(error)") }
    }

    private var rendering: Rendering {
        Rendering(format: output?.output, showsHeaders: !noHeaders, isColoured: Terminal.isColoured)
    }
}

internal import ArgumentParser
internal import ControlAPI
internal import Foundation
internal import Resources

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

            \(ExitStatus.help)
            """)

    @Argument(
        help: ArgumentHelp("KIND[,KIND…] [NAME…], or KIND/NAME…", valueName: "what"),
        completion: ObjectCompletion.kind)
    var what: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Only objects with these labels: a=b, a!=b, a in (b,c), a notin (b,c), a, !a."))
    var labels: String?

    @Option(name: .shortAndLong, help: "wide, json, yaml or name.")
    var output: OutputFormat?

    @Flag(name: .shortAndLong, help: "Go on printing what changes.")
    var watch = false

    @Flag(help: "Leave the header line out.")
    var noHeaders = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            let query = try Query(words: what, labels: labels)
            if watch { return try await follow(query) }
            let snapshot = try await connection.source.snapshot(wantsEvents: query.wantsEvents)
            if let remark = snapshot.remark { Terminal.note(remark) }
            for warning in snapshot.report.warnings { Terminal.note(warning) }
            let listings = try query.listings(snapshot.report, events: snapshot.events, now: Date())
            Terminal.print(text: try rendering(query).render(listings))
            if let missing = query.missing(in: listings) { throw CommandFailure(missing) }
            let isTable = output == nil || output == .wide
            if isTable, listings.allSatisfy(\.objects.isEmpty) { Terminal.note("No resources found") }
        }
    }

    private func rendering(_ query: Query) -> Rendering {
        Rendering(
            format: output, showsHeaders: !noHeaders, isColoured: Terminal.isColoured, isSingle: query.isSingle)
    }

    private func follow(_ query: Query) async throws {
        if query.wantsEvents {
            guard query.objects.kinds == [.events] else {
                throw CommandFailure("events are watched on their own: wgctl events -w")
            }
            return try await EventsCommand.follow(
                connection.client, object: nil, rendering: rendering(query), names: query.objects.names[.events])
        }
        var printer = WatchPrinter(rendering(query))
        var warned: Set<String> = []
        for try await report in try await connection.client.watch() {
            for warning in report.warnings where warned.insert(warning).inserted { Terminal.note(warning) }
            warned.formIntersection(report.warnings)
            let now = Date()
            let text = try printer.render(
                query.listings(report, events: [], now: now),
                steady: query.listings(report.recordable(), events: [], now: now))
            Terminal.print(text: text)
        }
        throw CommandFailure("wgd went away", ExitStatus.noDaemon)
    }
}

internal import ArgumentParser
internal import ControlAPI
internal import Foundation
internal import Resources

/// `wgctl events`
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what happened: creations, repaired drift, mistakes; the newest at the bottom.",
        discussion: """
            EXAMPLES:
              wgctl events
              wgctl events -w
              wgctl events --for node/host-a
              wgctl events --for container/pod-a -o json

            \(ExitStatus.help)
            """)

    @Option(name: .customLong("for"), help: ArgumentHelp("Only those of one object.", valueName: "kind/name"))
    var object: String?

    @Option(name: .shortAndLong, help: "json, yaml or name.")
    var output: OutputFormat?

    @Flag(name: .shortAndLong, help: "Go on printing new ones.")
    var watch = false

    @Flag(help: "Leave the header line out.")
    var noHeaders = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            let regarding = try object.map(Self.canonical)
            let rendering = Rendering(format: output, showsHeaders: !noHeaders, isColoured: Terminal.isColoured)
            if watch { return try await Self.follow(connection.client, object: regarding, rendering: rendering) }
            let snapshot = try await connection.source.snapshot(wantsEvents: true, of: regarding)
            if let remark = snapshot.remark { Terminal.note(remark) }
            Terminal.print(text: try rendering.render([try Listing.events(snapshot.events, now: Date())]))
            if snapshot.events.isEmpty, output == nil { Terminal.note("No events found") }
        }
    }

    /// `nodes/host-a`, `no/host-a` and `Node/host-a` are `node/host-a`; other kinds (`file/PATH`) stay as they are.
    static func canonical(_ object: String) throws -> String {
        let parts = object.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw CommandFailure("\"\(object.printable)\" is not KIND/NAME, such as node/host-a")
        }
        return "\(ListedKind(name: parts[0])?.singular ?? parts[0].lowercased())/\(parts[1])"
    }

    static func follow(
        _ client: ControlClient, object: String?, rendering: Rendering, names: [String]? = nil
    ) async throws {
        var printer = WatchPrinter(rendering)
        for try await event in try await client.watchEvents(for: object) {
            let listing = try Listing.events([event], now: Date()).filtered(names: names, selector: nil)
            Terminal.print(text: try printer.renderNew(listing))
        }
        throw CommandFailure("wgd went away", ExitStatus.noDaemon)
    }
}

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
    var output: EventFormat?

    enum EventFormat: String, ExpressibleByArgument, CaseIterable {
        case json, yaml, name
    }

    @Flag(name: .shortAndLong, help: "Go on printing new ones.")
    var watch = false

    @Flag(help: "Leave the header line out.")
    var noHeaders = false

    @OptionGroup var namespaces: NamespaceOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            let regarding = try object.map(Self.canonical)
            let rendering = Rendering(
                format: output.flatMap { OutputFormat(rawValue: $0.rawValue) }, showsHeaders: !noHeaders,
                isColoured: Terminal.isColoured)
            if watch { return try await Self.follow(connection.client, object: regarding, rendering: rendering) }
            let state = try await connection.source.open()
            if let remark = state.remark { Terminal.note(remark) }
            let events = try await state.events(for: regarding).map(ListedObject.event)
            Terminal.print(text: try Self.text(events, rendering, now: Date()))
            if events.isEmpty, output == nil { Terminal.note("No events found") }
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

    static func text(_ events: [ListedObject], _ rendering: Rendering, now: Date) throws -> String {
        guard rendering.isDocument else {
            var printer = TablePrinter(rendering, prefixesNames: false)
            return printer.text(ObjectTable(.events, ObjectPage(objects: events), now: now))
        }
        var printer = ListPrinter(rendering.format ?? .json)
        return try printer.head + printer.text(events.map { try $0.json() }) + printer.tail
    }

    static func follow(
        _ client: ControlClient, object: String?, rendering: Rendering, names: [String]? = nil
    ) async throws {
        var printer = WatchPrinter(rendering, prefixesNames: false)
        _ = try printer.text(.columns(ObjectTable(.events)), of: .events)
        _ = try printer.text(.complete, of: .events)
        for try await event in try await client.watchEvents(for: object) {
            guard names?.contains("\(event.regarding)") ?? true else { continue }
            let listed = ListedObject.event(event)
            let item: ObjectChange.Item =
                rendering.isDocument ? .object(try listed.json()) : .row(listed.row(now: Date()))
            Terminal.print(text: try printer.text(.added(item), of: .events))
        }
        throw CommandFailure("wgd went away", ExitStatus.noDaemon)
    }
}

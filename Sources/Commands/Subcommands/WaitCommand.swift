internal import ArgumentParser
internal import ControlAPI
internal import Foundation
internal import Resources

/// `wgctl wait`
struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until objects have a condition, or are gone.",
        discussion: """
            Exits with 0 as soon as every object named has it, with 1 when the time is
            over, or when an object is not there.

            EXAMPLES:
              wgctl wait node/host-b --for=condition=Ready --timeout=2m
              wgctl wait container/web --for=condition=Ready=False
              wgctl wait container/old --for=delete

            \(ExitStatus.help)
            """)

    @Argument(help: ArgumentHelp("KIND/NAME…, or KIND NAME…", valueName: "what"), completion: ObjectCompletion.kind)
    var what: [String]

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("condition=TYPE, condition=TYPE=STATUS, or delete.", valueName: "event"),
        transform: WaitedEvent.init)
    var event: WaitedEvent

    @Option(help: "How long, as 30s, 5m or 1h.", transform: WaitedEvent.duration)
    var timeout: Duration = .seconds(30)

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            let query = try Query(words: what, labels: nil)
            guard !query.wantsEvents else { throw CommandFailure("events have no conditions") }
            guard !query.objects.names.isEmpty else { throw CommandFailure("name the objects: KIND/NAME…") }
            let deadline = ContinuousClock.now + timeout
            var unmet: [String] = []
            repeat {
                unmet = try await self.unmet(query)
                if unmet.isEmpty { return }
                try await Task.sleep(for: .milliseconds(200))
            } while ContinuousClock.now < deadline
            throw CommandFailure(unmet.map { "timed out: \($0)" }.joined(separator: "\n"))
        }
    }

    /// What is still missing, a line for each object; says of each that has the condition that it has.
    private func unmet(_ query: Query) async throws -> [String] {
        var (lines, found) = ([String](), [ListedKind: Set<String>]())
        for part in query.parts {
            for object in try await connection.client.allObjects(part) {
                found[object.kind, default: []].formUnion([object.name, object.uniqueName])
                if let reason = event.missing(in: object) {
                    lines.append("\(object.kind.singular)/\(object.uniqueName) \(reason)")
                }
            }
        }
        if event != .deleted, let missing = query.missing(found) { throw CommandFailure(missing) }
        return lines
    }
}

/// What `wait` waits for.
enum WaitedEvent: Hashable {
    case deleted
    case condition(type: String, status: String)

    @Sendable init(_ text: String) throws {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        switch (parts.first, parts.count) {
        case ("delete", 1): self = .deleted
        case ("condition", 2): self = .condition(type: parts[1], status: "True")
        case ("condition", 3): self = .condition(type: parts[1], status: parts[2])
        default: throw ValidationError("--for=\(text): write condition=Ready, condition=Ready=False or delete")
        }
    }

    /// Why the object is not yet as wanted; nil when it is.
    func missing(in object: ListedObject) -> String? {
        guard case .condition(let type, let status) = self else { return "is still there" }
        let found = object.conditions.first { $0.type.lowercased() == type.lowercased() }
        guard let found else { return "has no condition \(type)" }
        guard found.status.lowercased() != status.lowercased() else { return nil }
        let why = found.reason.isEmpty ? "" : " (\(found.reason))"
        return "is \(found.type)=\(found.status)\(why), not \(status)"
    }

    /// Parses `30s`, `5m`, `1h`, or a plain number of seconds.
    @Sendable static func duration(_ text: String) throws -> Duration {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
        let unit = text.last.flatMap { units[$0] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard let number = Int64(digits), (0...86_400 * 365).contains(number) else {
            throw ValidationError("--timeout \(text): write a number with s, m or h, such as 90s")
        }
        return .seconds(number * (unit ?? 1))
    }
}

extension ListedObject {
    fileprivate var conditions: [(type: String, status: String, reason: String)] {
        switch self {
        case .resource(let resource):
            resource.status.conditions.map { ($0.type.rawValue, $0.status.rawValue, $0.reason) }
        case .container(let container):
            container.conditions.map { ($0.type.rawValue, $0.status.rawValue, $0.reason) }
        case .peer(let peer, _): [("Ready", peer.ready.rawValue, peer.reason)]
        case .route, .event: []
        }
    }
}

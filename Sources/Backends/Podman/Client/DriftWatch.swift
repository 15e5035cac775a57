internal import UnixHTTP

/// Says that Podman may have changed and must be observed again. Contains no state.
public struct PodmanHint: Hashable, Sendable {
    /// A short sentence for an event: `container pod-a died`.
    public var text: String

    public init(text: String) { self.text = text }
}

/// Follows Podman's events, and the changes that have none, until cancelled.
struct DriftWatch: Sendable {
    /// Podman 4.3 has no event when a network is created or removed, so the list is compared this often.
    static let networkInterval: Duration = .seconds(2)

    let client: LibpodClient
    let hint: @Sendable (String) -> Void

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await followEvents() }
            group.addTask { await compareNetworks() }
        }
    }

    private func followEvents() async {
        var backOff = Duration.seconds(1)
        while !Task.isCancelled {
            do {
                let filters = PercentEncoding.encode(#"{"type":["container","network"]}"#)
                let events = try await client.stream(.get, "/events?stream=true&filters=\(filters)", object: "podman")
                backOff = .seconds(1)
                // Earlier changes are not in the stream.
                hint("following Podman's events")
                for try await line in events.lines where !line.isEmpty {
                    let event = try client.decode(Event.self, Array(line.utf8), object: "podman")
                    if event.matters { hint(event.text) }
                }
                hint("Podman's events ended")
            } catch {
                // The next observation reports an unreachable Podman.
            }
            try? await Task.sleep(for: backOff)
            backOff = min(backOff * 2, .seconds(30))
        }
    }

    private func compareNetworks() async {
        var before: [String: String]?
        while !Task.isCancelled {
            if let networks = try? await client.get([LibpodNetwork].self, "/networks/json", object: "podman") {
                let now = Dictionary(networks.map { ($0.name, $0.id ?? "") }) { first, _ in first }
                if let before, before != now {
                    let changed = Set(before.keys).union(now.keys).filter { before[$0] != now[$0] }.sorted()
                    for name in changed { hint("network \(name) was \(now[name] == nil ? "removed" : "created")") }
                }
                before = now
            }
            try? await Task.sleep(for: Self.networkInterval)
        }
    }

    /// A line of `/libpod/events`.
    struct Event: Decodable {
        struct Actor: Decodable {
            var attributes: [String: String]?

            enum CodingKeys: String, CodingKey { case attributes = "Attributes" }
        }
        var type: String
        var action: String
        var actor: Actor?

        enum CodingKeys: String, CodingKey {
            case type = "Type"
            case action = "Action"
            case actor = "Actor"
        }

        /// Executed commands and health checks come every second and change nothing that is observed; the result of a
        /// health check does.
        var matters: Bool {
            type == "network"
                || [
                    "create", "init", "start", "restart", "died", "stop", "kill", "pause", "unpause", "remove",
                    "rename",
                    "restore", "checkpoint", "health_status", "update",
                ].contains(action)
        }

        var text: String { "\(type) \(actor?.attributes?["name"] ?? "") \(action)" }
    }
}

import Foundation
import TestSupport
import Testing

/// A host as an earlier release left it, and today's daemon: nothing is made, changed or removed.
extension EndToEnd {
    @Suite(.labWithoutDaemons("release", fixture: "release-1/manifests"))
    struct RecordedReleaseTests {
        private static let fixtures = Repository.root.appending(path: "Tests/EndToEndTests/Fixtures")
        private static let release = fixtures.appending(path: "release-1")

        @Test func aHostOfTheFirstReleaseIsTakenOverWithoutAChange() async throws {
            let lab = try lab()
            let policy = try Data(contentsOf: Self.release.appending(path: "policy.yaml"))
            try policy.write(to: lab.policy, options: .atomic)
            let prepare = try String(contentsOf: Self.release.appending(path: "prepare.sh"), encoding: .utf8)
            try await lab.shell("host-b", prepare)
            try await start("host-b")
            try await lab.must(
                "host-a", Self.fixtures.appending(path: "rebuild-host").path, Self.release.path, peerKeys(lab))
            // The tunnels work as they were recorded, so that endpoints are known by the time the daemon comes.
            for address in ["10.71.0.2", "fd71::2", "10.72.0.2"] {
                try await lab.eventually("host-a", ["ping", "-c", "1", "-W", "1", address])
            }
            let containers = try await identities()
            let links = try await indices()
            let changes = try Self.recordedChanges()

            try await start("host-a")
            try await lab.ready("host-a")
            try await lab.must("host-a", "wgctl", "resync")
            let reconciles = try await lab.reconciles("host-a")
            try await lab.eventually("host-a", ["wgctl", "resync"])
            while try await lab.reconciles("host-a") < reconciles + 3 {
                try await Task.sleep(for: .milliseconds(100))
            }
            try await lab.settled("host-a")

            let writes = try await lab.allWrites("host-a").filter { $0.key != "database" }
            #expect(writes == ["kernel": 0, "wireguard": 0, "podman": 0, "firewall": 0])
            #expect(try await identities() == containers)
            #expect(try await indices() == links)
            try await lab.reaches("host-a", container: "least", "10.71.0.21")
            try await lab.reaches("host-b", container: "far", "10.72.0.11")
            // Last: a round that takes long tells of what it did when it ends.
            let events = try await lab.must("host-a", "wgctl", "get", "events", "-o", "json")
            #expect(try Self.changes(in: events) == changes, "\(events)")
        }

        private func peerKeys(_ lab: Laboratory) -> String {
            lab.policy.deletingLastPathComponent().appending(path: "peer-keys.json").path
        }

        private func start(_ host: String) async throws {
            let lab = try lab()
            try await lab.background(
                host,
                "exec wgd --node \(host) --manifests \(lab.manifests.path) --policy \(lab.policy.path)"
                    + " --peer-keys \(peerKeys(lab))")
        }

        /// Every container with its id and when it started.
        private func identities() async throws -> [String] {
            try await lab().must(
                "host-a", "sh", "-c", "podman inspect -f '{{.Name}} {{.Id}} {{.State.StartedAt}}' $(podman ps -aq)"
            ).split(separator: "\n").map(String.init).sorted()
        }

        /// Every interface with its number.
        private func indices() async throws -> [String] {
            try await lab().must("host-a", "ip", "-o", "link").split(separator: "\n").map {
                $0.split(separator: " ").prefix(2).joined(separator: " ")
            }.sorted()
        }

        private static let reasons: Set = ["Created", "Updated", "Deleted", "DriftRepaired", "Announced"]

        /// How often events of the release's own time say that something was changed.
        private static func recordedChanges() throws -> Int {
            let sql = try String(contentsOf: release.appending(path: "recorded/state.sql"), encoding: .utf8)
            let rows = sql.split(separator: "\n").filter { line in
                line.hasPrefix("INSERT INTO \"event\"") && reasons.contains { line.contains("'\($0)'") }
            }
            try #require(rows.count > 40, "the recorded events")
            return rows.count
        }

        private static func changes(in json: String) throws -> Int {
            let list = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
            let items = try #require(list?["items"] as? [[String: Any]])
            return items.filter { ($0["reason"] as? String).map(reasons.contains) ?? false }
                .reduce(0) { $0 + ($1["count"] as? Int ?? 1) }
        }
    }
}

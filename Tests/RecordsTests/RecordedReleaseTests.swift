import Convergence
import Foundation
import GRDB
import HostState
import Manifest
import NetAddress
import Planner
import Records
import ReferenceLiterals
import Resources
import Testing

/// What the first release left on a host is read by this one, and means the same.
@Suite struct RecordedReleaseTests {
    private static let release = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../EndToEndTests/Fixtures/release-1").standardizedFileURL
    private static let keys = ["host-a": "iEa1", "host-b": "p9Xd"]

    /// A recorded file, with keys in place of their names.
    private func text(_ name: String) throws -> String {
        var text = try String(contentsOf: Self.release.appending(path: "recorded/\(name)"), encoding: .utf8)
        for (host, key) in try publicKeys() {
            text = text.replacingOccurrences(of: "{{public \(host)}}", with: key.description)
        }
        return text
    }

    private func publicKeys() throws -> [String: PublicKey] {
        try Self.keys.mapValues { seed in
            try #require(PublicKey(bytes: Array(repeating: Array(seed.utf8), count: 8).flatMap { $0 }))
        }
    }

    /// The recorded database, opened by this release.
    private func records(_ fixture: Fixture) throws -> Records {
        try FileManager.default.createDirectory(atPath: fixture.directory + "/lib", withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: fixture.path)
        let sql = try text("state.sql")
        // The dump brings its own transaction.
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
        return try fixture.open()
    }

    private func manifests() throws -> [ManifestFile] {
        try ["host-a.yaml", "host-b.yaml", "overlays.yaml"].map { name in
            let bytes = try Data(contentsOf: Self.release.appending(path: "manifests/\(name)"))
            return ManifestFile(path: name, contents: .bytes(Array(bytes)))
        }
    }

    @Test func itsDatabaseIsReadWhole() async throws {
        let fixture = Fixture()
        defer { withExtendedLifetime(fixture) {} }
        let records = try records(fixture)
        let inventory = try await records.inventory()
        #expect(inventory.containers.keys.sorted() == ["full", "least", "once"])
        #expect(inventory.networks.keys.sorted() == ["office_net", "plain"])
        #expect(inventory.firewallTable == "wgctl")
        #expect(inventory.sysctlsBefore == ["net/ipv4/ip_forward": "0", "net/ipv6/conf/all/forwarding": "0"])
        let overlays = ["wg-office", "wg0"]
        #expect(inventory.links == Set(overlays.flatMap { [$0, "br-\($0)", "va-\($0)", "vb-\($0)"] }))
        #expect(try await records.resolved().keys.sorted() == ["b.example.test", "two.b.example.test"])
        let names = ["node/host-a", "node/host-b", "overlay/office", "overlay/plain"]
        #expect(try await records.lastGood().map { $0.key.description.lowercased() } == names)
        let conditions = try await records.conditions()
        #expect(Set(names).isSubset(of: conditions.keys.map(\.description)))
        let ready = conditions.values.flatMap { $0 }.filter { $0.type == .ready }
        #expect(ready.count == 7 && ready.allSatisfy { $0.status == .true })
        #expect(try await !records.events().isEmpty)
        #expect(try await records.lastHeartbeat() != nil)
    }

    @Test(arguments: [true, false])
    func itsContainersAndNetworksKeepTheirHashes(manifestsAreThere: Bool) async throws {
        let fixture = Fixture()
        defer { withExtendedLifetime(fixture) {} }
        let lastGood = try await records(fixture).lastGood()
        let files = try manifests().map { file in
            manifestsAreThere ? file : ManifestFile(path: file.path, contents: .unreadable(reason: "cannot be read"))
        }
        var acceptor = try Acceptor()
        let accepted = acceptor.accept(files, lastGood: lastGood)
        // What is in the manifests is what was live: no document has changed.
        #expect(accepted.acceptances.map(\.generation) == [1, 1, 1, 1])
        let keys = try publicKeys()
        let plan = Planner.plan(
            accepted.live, facts: HostFacts(node: "host-a", publicKeys: keys, ownPublicKey: keys["host-a"]))
        let hashes =
            Dictionary(uniqueKeysWithValues: plan.podman.containers.map { ($0.name, $0.specHash) })
            .merging(plan.podman.networks.map { ($0.name, $0.specHash) }) { first, _ in first }
        #expect(try hashes == recordedHashes())
    }

    /// The label of each container and network that the release made, by name.
    private func recordedHashes() throws -> [String: String] {
        let json = try JSONSerialization.jsonObject(with: Data(text("podman.json").utf8))
        let requests = try #require(json as? [[Any]])
        var hashes: [String: String] = [:]
        for case let body as [String: Any] in requests.compactMap(\.last) {
            let labels = try #require(body["labels"] as? [String: String])
            hashes[try #require(body["name"] as? String)] = labels["dev.wgctl.spec-hash"]
        }
        try #require(hashes.count == 5)
        return hashes
    }
}

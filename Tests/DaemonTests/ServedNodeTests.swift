import Foundation
import HostState
import NetAddress
import Records
import Resources
import Testing
import WireGuard

@testable import Daemon

/// Which Node a host is, whatever it is called.
@Suite struct ServedNodeTests {
    private static func key(_ byte: UInt8) throws -> PublicKey {
        try #require(PublicKey(bytes: [UInt8](repeating: byte, count: 32)))
    }

    private static func node(_ name: String, _ key: PublicKey? = nil) -> Node {
        Node(metadata: Metadata(name: name), spec: NodeSpec(publicKey: key))
    }

    @Test func aHostGoesOnAsTheNodeThatItWas() throws {
        let (own, other) = (try Self.key(1), try Self.key(2))
        // (live Nodes, what the host is called, what it served last, its key, the keys that stand in; what it is)
        let cases: [([Node], String, String?, PublicKey?, [String: PublicKey], String)] = [
            // The host's name changed; with the key in the Node and without.
            ([Self.node("b", own)], "bee", "b", own, [:], "b"),
            ([Self.node("b")], "bee", "b", own, [:], "b"),
            ([Self.node("b")], "bee", "b", nil, [:], "b"),
            // Without history the key tells, be it the map's; and without a key the name.
            ([Self.node("a", other), Self.node("b", own)], "bee", nil, own, [:], "b"),
            ([Self.node("a"), Self.node("b")], "bee", nil, own, ["b": own], "b"),
            ([Self.node("a"), Self.node("b")], "a", nil, own, [:], "a"),
            ([Self.node("b", own), Self.node("bee")], "bee", nil, own, [:], "b"),
            // A renamed Node waits for `wgctl adopt`, also when the old one had no key in the manifests.
            ([Self.node("b"), Self.node("bee", own)], "bee", "b", own, [:], "b"),
            ([Self.node("b", own), Self.node("bee", own)], "bee", "b", own, [:], "b"),
            // The Node before is another host by now.
            ([Self.node("b", other), Self.node("bee", own)], "bee", "b", own, [:], "bee"),
            // Two keys in the wrong files: a mistake to report, not a reason to hand containers over.
            ([Self.node("b", other), Self.node("c", own)], "b", "b", own, [:], "b"),
            // A wrong key in the own Node is no reason to be somebody else.
            ([Self.node("b", other), Self.node("c")], "c", "b", own, [:], "b"),
            // The Node before was deleted by an operator's word.
            ([Self.node("bee")], "bee", "b", own, [:], "bee"),
            ([], "bee", nil, own, [:], "bee"),
        ]
        for (nodes, called, last, key, keys, expected) in cases {
            for nodes in [nodes, nodes.reversed()] {
                let served = ServedNode(among: nodes, called: called, last: last, ownKey: key, keys: keys)
                #expect(served.name == expected, "\(nodes.map(\.metadata.name)), called \(called), was \(last ?? "-")")
            }
        }
    }

    @Test func aNameThatChangedIsToldWithWhatToDo() {
        let served = ServedNode(name: "host-b", basis: .publicKey)
        #expect(served.remark(called: "host-b") == nil)
        let remark = served.remark(called: "host-bee") ?? ""
        #expect(remark.hasPrefix("this host is called host-bee and serves Node/host-b (its public key is this host's)"))
        #expect(remark.contains("WGD_NODE=host-b") && remark.contains("`wgctl adopt --from host-b`"))
    }

    /// Records of a version that did not write down whom it served: its last report tells.
    @Test func anUpgradeServesWhatWasServed() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("wgd-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let options = DaemonOptions(node: "host-bee", stateDirectory: directory)
        let records = try Records(path: options.databasePath)
        let keys = HostKey(store: KeyStore(directory: options.keyDirectory))
        let document = LastGood(
            key: ResourceKey(.node, "host-b"), location: SourceLocation(file: "b.yaml", line: 1, column: 1),
            generation: 1,
            json: #"{"metadata":{"name":"host-b"},"spec":{"containers":[],"overlays":[],"unschedulable":false}}"#)
        try await records.save(lastGood: [document])
        #expect(await ServedNode.atStart(options, records: records, keys: keys, after: nil).served.name == "host-bee")
        try await records.save(report: #"{"node":"host-b","nodes":[]}"#)
        let start = await ServedNode.atStart(options, records: records, keys: keys, after: nil)
        #expect(start.served == ServedNode(name: "host-b", basis: .history))
        #expect(start.record == ServedRecord(node: "host-b"))
        // No key was made in order to decide.
        #expect(!FileManager.default.fileExists(atPath: options.keyDirectory))
    }
}

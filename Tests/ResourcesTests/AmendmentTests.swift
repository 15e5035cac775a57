import FleetModel
import Manifest
import NetAddress
import Resources
import Testing

/// What a few changed files come to, found without the rest, is what the whole snapshot comes to.
@Suite struct AmendmentTests {
    /// One Node of a small fleet, as random as authors are: some of it clashes with others.
    private struct RandomNode {
        var name: String
        var address: Int
        var route: String?
        var endpoint: String?
        var key: UInt8?
        var overlay = "net"
        var isBroken = false
        var containers: [Int] = []

        init(_ index: Int) {
            name = "n\(index)"
            address = index + 1
            endpoint = "192.0.2.\(index + 1)"
            key = UInt8(index + 1)
        }

        mutating func mutate(_ random: inout SeededGenerator) {
            switch Int.random(in: 0..<14, using: &random) {
            case 0, 1: address = Int.random(in: 1..<40, using: &random)
            case 2, 3:
                route = random.pick(["172.16.0.0/24", "172.16.0.7/32", "172.17.0.0/16", "10.0.0.64/26", "10.9.0.0/16"])
            case 4: route = nil
            case 5, 6: endpoint = random.pick(["192.0.2.9", "198.51.100.7:99", "172.16.0.5", "site.example"])
            case 7: endpoint = nil
            case 8: key = random.chance(80) ? UInt8.random(in: 1..<30, using: &random) : nil
            case 9: overlay = random.pick(["net", "net", "missing", "other"]) ?? overlay
            case 10: isBroken.toggle()
            case 11: containers.append(Int.random(in: 50..<60, using: &random))
            case 12: if !containers.isEmpty { containers.removeLast() }
            default: isBroken = false
            }
        }

        var manifest: ManifestFile {
            var lines = [
                "apiVersion: wgctl.dev/v1alpha1", "kind: Node", "metadata: {name: \(name)}", "spec:",
                "  overlays: [{name: \(overlay), addresses: [10.0.0.\(address)]\(route.map { ", routes: [\($0)]" } ?? "")}]",
            ]
            if let endpoint { lines.append("  endpoint: \"\(endpoint)\"") }
            if let key { lines.append("  publicKey: \(AmendmentTests.publicKey(key))") }
            if !containers.isEmpty { lines.append("  containers:") }
            for (index, number) in containers.enumerated() {
                lines.append(
                    "    - {name: c\(index)-\(name), image: alpine, networks: [{overlay: \(overlay), addresses: [10.0.0.\(number)]}]}"
                )
            }
            if isBroken { lines.append("  nonsense: 1") }
            return file("\(name).yaml", lines.joined(separator: "\n") + "\n")
        }
    }

    private static func publicKey(_ byte: UInt8) -> String {
        PublicKey(bytes: [UInt8](repeating: byte, count: 32))?.description ?? ""
    }

    private static let overlays = [
        file("overlay.yaml", overlay("net")), file("other.yaml", overlay("other", "10.1.0.0/24")),
    ]

    private func files(_ nodes: [RandomNode]) -> [ManifestFile] {
        (Self.overlays + nodes.map(\.manifest)).sorted { $0.path < $1.path }
    }

    @Test(arguments: 0..<10)
    func itIsPartOfWhatTheWholeComesTo(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var nodes = (0..<8).map(RandomNode.init)
        var acceptor = try Acceptor()
        var standing = files(nodes)
        let pruning = PruneRequest(node: "n0")
        var accepted = acceptor.accept(standing, lastGood: [], pruning: pruning)
        acceptor.index()
        var amended = 0
        for _ in 0..<100 {
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                nodes[Int.random(in: 0..<8, using: &random)].mutate(&random)
            }
            let next = files(nodes)
            let changed = zip(next, standing).filter { $0 != $1 }.map(\.0)
            let amendment = acceptor.amendment(of: changed, on: "n0")
            let before = accepted.live
            accepted = acceptor.accept(next, lastGood: accepted.lastGood, pruning: pruning)
            acceptor.index()
            standing = next
            guard let amendment, !changed.isEmpty else { continue }
            #expect(amendment.before.map(\.metadata.name) == amendment.after.map(\.metadata.name))
            var expected = before
            for (old, new) in zip(amendment.before, amendment.after) {
                let index = try #require(expected.nodes.firstIndex { $0.metadata.name == new.metadata.name })
                #expect(expected.nodes[index] == old)
                expected.nodes[index] = new
                let acceptance = try #require(accepted.acceptance(.node, new.metadata.name))
                #expect(acceptance.status == .true || acceptance.reason == "RefNotFound", "\(acceptance.message)")
            }
            for name in amendment.after.map(\.metadata.name) {
                #expect(
                    accepted.live.nodes.first { $0.metadata.name == name }
                        == expected.nodes.first { $0.metadata.name == name })
            }
            amended += 1
        }
        #expect(amended > 2)
    }

    private func amendment(_ old: [ManifestFile], _ new: [ManifestFile], on node: String = "a") throws -> Amendment? {
        var acceptor = try Acceptor()
        _ = acceptor.accept(old, lastGood: [])
        acceptor.index()
        return acceptor.amendment(of: zip(new, old).filter { $0 != $1 }.map(\.0), on: node)
    }

    private func fleet(_ b: String, _ c: String = "{name: net, addresses: [10.0.0.3]}") -> [ManifestFile] {
        [
            file("a.yaml", node("a", "{name: net, addresses: [10.0.0.1]}")), file("b.yaml", node("b", b)),
            file("c.yaml", node("c", c)), file("net.yaml", overlay("net")),
        ]
    }

    private static let plain = "{name: net, addresses: [10.0.0.2]}"

    @Test func anotherHostsNodeIsAmended() throws {
        let amendment = try #require(
            try amendment(fleet(Self.plain), fleet("{name: net, addresses: [10.0.0.2], routes: [172.16.0.0/24]}")))
        #expect(amendment.before.count == 1 && amendment.after.first?.spec.overlays.first?.routes.count == 1)
        #expect(amendment.after.first?.metadata.name == "b")
    }

    /// What goes from one Node to another in one step clashes with nobody else.
    @Test func aRouteThatMovesIsAmended() throws {
        let routed = "{name: net, addresses: [10.0.0.2], routes: [172.16.0.0/24]}"
        let taker = "{name: net, addresses: [10.0.0.3], routes: [172.16.0.0/24]}"
        let amendment = try #require(try amendment(fleet(routed), fleet(Self.plain, taker)))
        #expect(amendment.after.map(\.metadata.name) == ["b", "c"])
    }

    @Test(arguments: [
        "{name: net, addresses: [10.0.0.3]}", "{name: net, addresses: [10.0.0.2], routes: [10.0.0.3/32]}",
        "{name: net, addresses: [10.9.0.2]}", "{name: net, addresses: [10.0.0.2], routes: [10.0.0.0/24]}",
        "{name: net}",
    ])
    func whatClashesTakesTheWholeFleet(change: String) throws {
        #expect(try amendment(fleet(Self.plain), fleet(change)) == nil)
    }

    @Test func theHostsOwnNodeTakesTheWholeFleet() throws {
        #expect(
            try amendment(fleet(Self.plain), fleet("{name: net, addresses: [10.0.0.4]}"), on: "b") == nil)
    }

    /// Before the fleet is indexed, and after a snapshot that it is not of.
    @Test func withoutAnIndexNothingIsAmended() throws {
        var acceptor = try Acceptor()
        let old = fleet(Self.plain)
        let new = fleet("{name: net, addresses: [10.0.0.4]}")
        let accepted = acceptor.accept(old, lastGood: [])
        #expect(acceptor.amendment(of: [new[1]], on: "a") == nil)
        acceptor.index()
        _ = acceptor.accept(old, lastGood: accepted.lastGood)
        #expect(acceptor.amendment(of: [new[1]], on: "a") == nil)
    }
}

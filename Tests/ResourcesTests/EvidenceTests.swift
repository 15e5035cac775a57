import Manifest
import NetAddress
import Resources
import Testing

/// Who keeps what several claim when no history tells (fault 56): the one whose claim the host carries, or nobody.
@Suite struct EvidenceTests {
    private let keys: [PublicKey]

    init() throws {
        keys = try (1...3).map { try #require(PublicKey(bytes: [UInt8](repeating: UInt8($0), count: 32))) }
    }

    private func fleet(_ memberB: String = "addresses: [10.0.0.9]", _ memberC: String = "addresses: [10.0.0.9]")
        -> [ManifestFile]
    {
        [
            file("net.yaml", overlay()),
            file("a.yaml", node("a", "{name: net, addresses: [10.0.0.1]}", "  publicKey: \(keys[0])")),
            file("b.yaml", node("b", "{name: net, \(memberB)}", "  publicKey: \(keys[1])")),
            file("c.yaml", node("c", "{name: net, \(memberC)}", "  publicKey: \(keys[2])")),
        ]
    }

    private func live(_ files: [ManifestFile], _ evidence: Evidence?, after lastGood: [LastGood] = []) throws
        -> AcceptedSet
    {
        var acceptor = try Acceptor()
        return acceptor.accept(files, lastGood: lastGood, evidence: evidence)
    }

    private func peers(_ index: Int, _ allowed: String) throws -> Evidence {
        Evidence(peers: [keys[index]: [try CIDR(parsing: allowed)]], node: "a")
    }

    @Test func whatTheHostCarriesWins() throws {
        // The last by name, which the first would have cut off.
        let set = try live(fleet(), try peers(2, "10.0.0.9/32"))
        #expect(set.live.nodes.map(\.metadata.name) == ["a", "c"])
        #expect(set.acceptance(.node, "b")?.reason == Reason.conflict)
        // It is history from then on, whatever the host shows.
        let later = try live(fleet(), try peers(1, "10.0.0.9/32"), after: set.lastGood)
        #expect(later.live == set.live)
        // A network behind a Node; and this host's own address, by its key or by its name.
        let routes = fleet(
            "addresses: [10.0.0.8], routes: [192.168.5.0/24]", "addresses: [10.0.0.9], routes: [192.168.5.0/24]")
        #expect(try live(routes, try peers(2, "192.168.5.0/24")).live.nodes.map(\.metadata.name) == ["a", "c"])
        let address = try #require(IPAddress("10.0.0.9"))
        let own = Evidence(node: "a", ownKey: keys[2], ownAddresses: [address])
        #expect(try live(fleet(), own).live.nodes.map(\.metadata.name) == ["a", "c"])
    }

    @Test func aSubnetOrNetworkOfTwoOverlaysGoesToTheOneThatIsHere() throws {
        let files = [file("x.yaml", overlay("x")), file("z.yaml", overlay("z"))]
        let subnets = Evidence(subnets: ["z": [try CIDR(parsing: "10.0.0.0/24")]])
        #expect(try live(files, subnets).live.overlays.map(\.metadata.name) == ["z"])
        let named = [
            file("x.yaml", overlay("x", "10.1.0.0/24", "  network: {name: net}")),
            file("z.yaml", overlay("z", "10.2.0.0/24", "  network: {name: net}")),
        ]
        #expect(try live(named, Evidence(networks: ["net": "z"])).live.overlays.map(\.metadata.name) == ["z"])
    }

    @Test func withoutHistoryOrEvidenceNobodyGetsIt() throws {
        for evidence in [nil, Evidence(node: "a"), try peers(2, "10.0.0.7/32")] {
            let set = try live(fleet(), evidence)
            #expect(set.live.nodes.map(\.metadata.name) == ["a"])
            for (name, other) in [("b", "c"), ("c", "b")] {
                let verdict = try #require(set.acceptance(.node, name))
                #expect(verdict.status == .false && verdict.reason == Reason.conflict)
                #expect(
                    verdict.message.contains("also claimed by Node/\(other) at \(other).yaml:5:"), "\(verdict.message)")
                #expect(
                    verdict.message.contains("none gets it until an operator decides, leave it to one"),
                    "\(verdict.message)")
            }
            // Once an operator has decided, the other is in force.
            let decided = try live(fleet("addresses: [10.0.0.8]"), nil, after: set.lastGood)
            #expect(decided.live.nodes.map(\.metadata.name) == ["a", "b", "c"])
        }
    }

    @Test func twoNewcomersWithHistoryFallBackTogether() throws {
        let before = try live(fleet("addresses: [10.0.0.7]", "addresses: [10.0.0.8]"), nil)
        let set = try live(fleet(), nil, after: before.lastGood)
        #expect(set.live == before.live)
        #expect(["b", "c"].allSatisfy { set.acceptance(.node, $0)?.reason == Reason.conflict })
    }

    /// A tie is settled last: who is out for another reason denies nobody anything.
    @Test func aClaimOfARefusedNodeIsNoTie() throws {
        let files = fleet()
        let before = try live([files[0], files[1]], nil)
        // d wants the incumbent's address, and one that would tie with b's beside it.
        let d = file(
            "d.yaml",
            node(
                "d", "{name: net, addresses: [10.0.0.1]}",
                "  containers: [{name: p, image: i, networks: [{overlay: net, addresses: [10.0.0.9]}]}]"))
        let set = try live([files[0], files[1], files[2], d], nil, after: before.lastGood)
        #expect(set.live.nodes.map(\.metadata.name) == ["a", "b"])
    }
}

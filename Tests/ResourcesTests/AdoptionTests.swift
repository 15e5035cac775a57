import Manifest
import NetAddress
import Resources
import Testing

/// A renamed Node takes over what the old one had, when an operator says so, and only then.
@Suite struct AdoptionTests {
    private let own: PublicKey
    private let other: PublicKey
    private let net = file("net.yaml", overlay())
    private let pod = "  containers: [{name: pod, image: i, networks: [{overlay: net, addresses: [10.0.0.20]}]}]"

    init() throws {
        own = try #require(PublicKey(bytes: [UInt8](repeating: 1, count: 32)))
        other = try #require(PublicKey(bytes: [UInt8](repeating: 2, count: 32)))
    }

    private func member(_ name: String, key: PublicKey?, more: String? = nil) -> ManifestFile {
        let key = key.map { "  publicKey: \($0)\n" } ?? ""
        return file("b.yaml", node(name, "{name: net, addresses: [10.0.0.2]}", key + (more ?? pod)))
    }

    /// What becomes of the files when host-b, whose files these replace, is to go on.
    private func adopt(
        _ files: [ManifestFile], before key: PublicKey?, to new: String? = nil, called: String = "host-b"
    ) throws -> (held: AcceptedSet, outcome: Result<Adoption, Adoption.Refusal>) {
        var acceptor = try Acceptor()
        let request = PruneRequest(node: "host-b")
        let before = acceptor.accept([net, member("host-b", key: key)], lastGood: [], pruning: request)
        let held = acceptor.accept(files, lastGood: before.lastGood, pruning: request)
        let outcome = Result { () throws(Adoption.Refusal) in
            try acceptor.adoption(
                from: "host-b", to: new, files: files, of: held, host: .init(name: called, publicKey: own),
                limits: PruneLimits())
        }
        return (held, outcome)
    }

    @Test func theNodeWithThisHostsKeyTakesOver() throws {
        let files = [net, member("host-bee", key: own)]
        let (held, outcome) = try adopt(files, before: own)
        #expect(held.live.nodes.map(\.metadata.name) == ["host-b"], "nothing changes by itself")
        let adoption = try outcome.get()
        #expect(adoption.new == "host-bee")
        #expect(adoption.accepted.live.nodes.map(\.metadata.name) == ["host-bee"])
        #expect(adoption.accepted.live.nodes.first?.spec == held.live.nodes.first?.spec)
        #expect(adoption.accepted.held.isEmpty)
        // A start goes by what was kept, and comes to the same.
        var restarted = try Acceptor()
        let again = restarted.accept(
            files, lastGood: adoption.accepted.lastGood, pruning: PruneRequest(node: "host-bee"))
        #expect(again == adoption.accepted)
    }

    /// In one edit with its Overlay: both go on.
    @Test func theOverlayMayBeRenamedWithTheNode() throws {
        let mesh = file("net.yaml", overlay("mesh"))
        let bee = file("b.yaml", member("host-bee", key: own).text.replacing("net,", with: "mesh,"))
        let (held, outcome) = try adopt([mesh, bee], before: own)
        #expect(held.live.overlays.map(\.metadata.name) == ["net"], "nothing changes by itself")
        #expect(try outcome.get().accepted.renamedOverlays == ["mesh": "net"])
    }

    @Test func withoutAKeyTheNameOfTheHostOrAnExplicitChoiceTells() throws {
        let files = [net, member("host-bee", key: nil)]
        #expect(try adopt(files, before: nil, called: "host-bee").outcome.get().new == "host-bee")
        #expect(try adopt(files, before: nil, to: "host-bee").outcome.get().new == "host-bee")
        // It has a Node without a key before, and with this host's own now.
        let (held, outcome) = try adopt([net, member("host-bee", key: own)], before: nil)
        #expect(held.live.nodes.contains { $0.metadata.name == "host-b" })
        #expect(try outcome.get().accepted.live.nodes.map(\.metadata.name) == ["host-bee"])
    }

    /// The name was given to another host in the same edit.
    @Test func aNodeWhoseNameIsAnotherHostsByNowIsHandedOver() throws {
        let newcomer = node("host-b", "{name: net, addresses: [10.0.0.3]}", "  publicKey: \(other)")
        let files = [net, member("host-bee", key: own), file("n.yaml", newcomer)]
        let adoption = try adopt(files, before: own).outcome.get()
        #expect(adoption.accepted.live.nodes.map(\.metadata.name) == ["host-b", "host-bee"])
        #expect(adoption.accepted.live.nodes.first?.spec.publicKey == other && adoption.accepted.held.isEmpty)
        #expect(adoption.accepted.live.nodes.last?.spec.containers.map(\.name) == ["pod"])
    }

    @Test func whatHasAnotherHostsKeyOrIsNotThereIsRefused() throws {
        let bad = node("host-bee", "{name: net, addresses: [10.9.9.9]}", "  publicKey: \(own)")
        let stillThere = [net, member("host-b", key: own), file("n.yaml", node("host-bee", ""))]
        let cases: [([ManifestFile], String?, String)] = [
            (stillThere, "host-bee", "Node/host-b is still in the manifests, at b.yaml:1:1"),
            ([net, member("host-bee", key: other)], "host-bee", "Node/host-bee belongs to another host"),
            ([net, member("host-bee", key: other)], nil, "none is called host-b as this host is"),
            ([net, member("host-bee", key: own)], "x", "node \"x\" not found in the manifests; nodes: host-bee"),
            ([net, file("b.yaml", bad)], nil, "Node/host-b may still be in the manifests: b.yaml:5:"),
            ([net, file("n.yaml", bad)], nil, "Node/host-bee is not accepted: n.yaml:5:"),
            ([net, file("b.yaml", "{")], nil, "Node/host-b may still be in the manifests: b.yaml:"),
        ]
        for (files, new, expected) in cases {
            guard case .failure(let refusal) = try adopt(files, before: own, to: new).outcome else {
                Issue.record("not refused: \(expected)")
                continue
            }
            #expect(refusal.description.contains(expected), "\(refusal)")
        }
    }
}

extension ManifestFile {
    fileprivate var text: String {
        if case .bytes(let bytes) = contents { String(decoding: bytes, as: UTF8.self) } else { "" }
    }
}

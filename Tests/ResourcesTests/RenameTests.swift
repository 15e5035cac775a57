import Manifest
import Resources
import Testing

/// An Overlay under a new name is the same Overlay: nothing of it is deleted, whatever the order in which files arrive.
@Suite struct RenameTests {
    private static let addresses = ["a": "10.0.0.1", "b": "10.0.0.2"]

    private func member(_ name: String, of overlay: String, _ more: String = "") -> ManifestFile {
        let address = Self.addresses[name] ?? ""
        let container =
            "  containers: [{name: pod-\(name), image: i, networks: [{overlay: \(overlay), addresses: [\(address)0]}]}]"
        return file("\(name).yaml", node(name, "{name: \(overlay), addresses: [\(address)]\(more)}", container))
    }

    private func net(_ name: String, _ subnet: String = "10.0.0.0/24", _ more: String = "") -> ManifestFile {
        file("net.yaml", overlay(name, subnet, more))
    }

    /// What becomes of the files after a fleet with the Overlay `net` on the hosts a and b.
    private func change(
        to after: [ManifestFile], node: String = "a", before: [ManifestFile]? = nil, confirmed: Set<Deletion> = []
    ) throws -> (first: AcceptedSet, second: AcceptedSet) {
        var acceptor = try Acceptor()
        let before = before ?? [net("net"), member("a", of: "net"), member("b", of: "net")]
        let first = acceptor.accept(before, lastGood: [], pruning: PruneRequest(node: node))
        #expect(first.acceptances.allSatisfy { $0.status == .true } && first.held.isEmpty)
        return (
            first,
            acceptor.accept(after, lastGood: first.lastGood, pruning: PruneRequest(node: node, confirmed: confirmed))
        )
    }

    @Test(arguments: ["a", "b", "stranger"]) func aRenameIsNoDeletion(host: String) throws {
        let (_, set) = try change(to: [net("mesh"), member("a", of: "mesh"), member("b", of: "mesh")], node: host)
        #expect(set.held.isEmpty && set.acceptances.allSatisfy { $0.status == .true })
        #expect(set.renamedOverlays == ["mesh": "net"])
        #expect(set.live.overlays.map(\.metadata.name) == ["mesh"])
    }

    /// Editors save one file after the other, in any order: what is there already stays whole in between.
    @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    func filesMayArriveOneByOne(order: [Int]) throws {
        var files = [net("net"), member("a", of: "net"), member("b", of: "net")]
        let renamed = [net("mesh"), member("a", of: "mesh"), member("b", of: "mesh")]
        var acceptor = try Acceptor()
        let request = PruneRequest(node: "a")
        let first = acceptor.accept(files, lastGood: [], pruning: request)
        var set = first
        for (step, index) in order.enumerated() {
            files[index] = renamed[index]
            set = acceptor.accept(files, lastGood: set.lastGood, pruning: request)
            guard step < 2 else { break }
            #expect(set.live == first.live, "after \(step + 1) of \(order)")
            #expect(set.renamedOverlays.isEmpty)
            #expect(set.acceptances.contains { $0.status == .false })
        }
        #expect(set.held.isEmpty && set.renamedOverlays == ["mesh": "net"])
        #expect(set.acceptances.allSatisfy { $0.status == .true }, "\(set.acceptances.map(\.message))")
    }

    @Test func otherDifferencesAreOrdinaryEdits() throws {
        let changed = net("mesh", "10.0.0.0/24", "  wireguard: {mtu: 1300}\n  network: {name: other, dns: true}")
        let (_, set) = try change(to: [changed, member("a", of: "mesh"), member("b", of: "mesh")])
        #expect(set.renamedOverlays == ["mesh": "net"] && set.held.isEmpty)
    }

    @Test(arguments: [
        ("10.0.0.0/24", "  wireguard: {interface: wg9}", "", "its interface is wg9, not wg0"),
        ("10.0.0.0/24", "  wireguard: {listenPort: 4000}", "", "its listen port is 4000, not 51820"),
        ("10.0.0.0/23", "", "", "its subnets are 10.0.0.0/23, not 10.0.0.0/24"),
        ("10.0.0.0/24", "", ", interface: wg7", "its interface is wg7, not wg0"),
    ])
    func whatCannotBeTakenOverWaitsWhole(subnet: String, more: String, override: String, why: String) throws {
        let after = [net("mesh", subnet, more), member("a", of: "mesh", override), member("b", of: "mesh")]
        let (first, set) = try change(to: after)
        #expect(set.live == first.live && set.renamedOverlays.isEmpty)
        let overlay = ResourceKey(.overlay, "net")
        #expect(set.held.deletions == [Deletion(overlay)])
        #expect(
            set.held.reasons == [
                "Overlay/net would be deleted, and Overlay/mesh cannot take over what this host has of it, because \(why)"
            ])
        #expect(set.acceptance(.node, "a")?.reason == Reason.pruneBlocked)
        let (_, confirmed) = try change(to: after, confirmed: [Deletion(overlay)])
        #expect(confirmed.live.overlays.map(\.metadata.name) == ["mesh"] && confirmed.held.isEmpty)
        #expect(confirmed.acceptances.allSatisfy { $0.status == .true })
    }

    /// I10: with another subnet beside it nothing clashes, and still the Nodes stay members of what is blocked.
    @Test func aBlockedOverlayKeepsItsMembers() throws {
        let other = file("net.yaml", overlay("mesh", "10.9.0.0/24"))
        let nodes = ["a", "b"].enumerated().map { index, name in
            file("\(name).yaml", node(name, "{name: mesh, addresses: [10.9.0.\(index + 1)]}"))
        }
        let (first, set) = try change(to: [other] + nodes)
        #expect(set.live.nodes == first.live.nodes)
        #expect(set.live.overlays.map(\.metadata.name) == ["mesh", "net"])
        #expect(set.acceptance(.node, "b")?.reason == Reason.pruneBlocked)
        #expect(set.acceptance(.node, "b")?.location.file == "b.yaml")
        // The containers that stayed with them go once it is confirmed.
        let (_, confirmed) = try change(to: [other] + nodes, confirmed: Set(set.held.deletions))
        #expect(confirmed.held.isEmpty && confirmed.live.overlays.map(\.metadata.name) == ["mesh"])
        #expect(confirmed.live.nodes.allSatisfy { $0.spec.containers.isEmpty })
    }

    /// Identity follows the place, not the name: two Overlays may even exchange their names.
    @Test func twoOverlaysExchangeTheirNames() throws {
        func files(_ one: String, _ two: String) -> [ManifestFile] {
            [
                file("one.yaml", overlay(one, "10.0.0.0/24")),
                file("two.yaml", overlay(two, "10.1.0.0/24", "  wireguard: {interface: wg1, listenPort: 1}")),
                file(
                    "a.yaml", node("a", "{name: \(one), addresses: [10.0.0.1]}, {name: \(two), addresses: [10.1.0.1]}")),
            ]
        }
        let (_, set) = try change(to: files("two", "one"), before: files("one", "two"))
        #expect(set.renamedOverlays == ["one": "two", "two": "one"] && set.held.isEmpty)
        let (_, chain) = try change(to: files("two", "three"), before: files("one", "two"))
        #expect(chain.renamedOverlays == ["two": "one", "three": "two"] && chain.held.isEmpty)
    }

    @Test func anOverlayInUseIsKeptUntilItIsConfirmed() throws {
        let nodes = [member("a", of: "net"), member("b", of: "net")]
        for host in ["a", "stranger"] {
            let (first, set) = try change(to: nodes, node: host)
            #expect(set.live == first.live)
            let acceptance = set.acceptance(.overlay, "net")
            #expect(acceptance?.reason == Reason.inUse)
            #expect(
                acceptance?.message
                    == "net.yaml:1:1: Overlay/net is in no document, and is kept while Node/a refers to it, "
                    + "restore it, remove it from the Nodes, or delete it with `wgctl prune --confirm`")
            #expect(set.held.deletions == [Deletion(ResourceKey(.overlay, "net"))])
            let (_, gone) = try change(to: nodes, node: host, confirmed: Set(set.held.deletions))
            #expect(gone.live.overlays.isEmpty && gone.held.isEmpty)
        }
    }

    /// Only its name in both lines of a Node is wrong: it refers to nothing, consistently.
    @Test func aConsistentReferenceToNothingKeepsTheLastGoodVersion() throws {
        let (first, set) = try change(to: [net("net"), member("a", of: "nett"), member("b", of: "net")])
        #expect(set.live == first.live && set.held.isEmpty)
        #expect(set.acceptance(.node, "a")?.reason == Reason.refNotFound)
        #expect(
            set.acceptance(.node, "a")?.message
                == "a.yaml:5:15: spec.overlays[0].name: there is no Overlay \"nett\", add it, or correct the name")
    }

    @Test func theOwnNodeThatIsRenamedSaysHowToFinish() throws {
        let key = "jkFwzuoyDxtjASSsmOFHlNBT1kwAk1ZO6fXKXKYHvgM="
        func host(_ name: String, key: String?) -> ManifestFile {
            let line = key.map { "  publicKey: \($0)" } ?? ""
            return file("a.yaml", node(name, "{name: net, addresses: [10.0.0.1]}", line))
        }
        let rest = [net("net"), member("b", of: "net")]
        let (_, set) = try change(to: rest + [host("bee", key: key)], before: rest + [host("a", key: key)])
        #expect(
            set.held.reasons == [
                "Node/a, which is this host, would be deleted; Node/bee has its public key: "
                    + "finish the rename with `wgctl adopt --from a`"
            ])
        let (_, gone) = try change(to: rest, before: rest + [host("a", key: key)])
        #expect(
            gone.held.reasons == [
                "Node/a, which is this host, would be deleted; the other hosts no longer have it as a peer, "
                    + "so it is cut off from them"
            ])
    }
}

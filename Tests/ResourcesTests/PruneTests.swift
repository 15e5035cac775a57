import Manifest
import Resources
import Testing

/// I3: nothing is deleted that the author did not plainly delete; much at once waits for an operator's word.
@Suite struct PruneTests {
    private let net = file("net.yaml", overlay())

    private func nodes(_ count: Int, containers: Int = 0) -> [ManifestFile] {
        (1...count).map { number in
            let list = (0..<containers).map { "    - {name: c\(number)-\($0), image: busybox}" }
            let more = list.isEmpty ? "" : "  containers:\n" + list.joined(separator: "\n")
            return file("n\(number).yaml", node("n\(number)", "{name: net, addresses: [10.0.0.\(number)]}", more))
        }
    }

    /// What becomes of `after` on the host `node`, when `before` was live.
    private func change(
        _ before: [ManifestFile], to after: [ManifestFile], node: String = "n1", limits: PruneLimits = .init(),
        confirmed: Set<Deletion> = []
    ) throws -> (first: AcceptedSet, second: AcceptedSet) {
        var acceptor = try Acceptor()
        let request = PruneRequest(node: node, limits: limits, confirmed: confirmed)
        let first = acceptor.accept(before, lastGood: [], pruning: request)
        #expect(first.acceptances.allSatisfy { $0.status == .true } && first.held.isEmpty)
        return (first, acceptor.accept(after, lastGood: first.lastGood, pruning: request))
    }

    private func key(_ name: String) -> ResourceKey { ResourceKey(.node, name) }

    @Test func anEmptiedDirectoryDeletesNothing() throws {
        let (first, second) = try change([net] + nodes(2, containers: 1), to: [])
        #expect(second.live == first.live && second.lastGood == first.lastGood)
        #expect(second.held.reasons == ["everything would be deleted (5 resources and containers)"])
        #expect(second.held.deletions.count == 5)
        #expect(second.acceptances.allSatisfy { $0.status == .false && $0.reason == Reason.pruneBlocked })
        #expect(
            second.acceptance(.node, "n2")?.message
                == "n2.yaml:1:1: kept as it was: everything would be deleted (5 resources and containers), "
                + "restore what would be deleted, or confirm with `wgctl prune --confirm`")
    }

    @Test func thisHostsOwnNodeIsHeldAndTheRestGoes() throws {
        let all = nodes(4)
        let (_, second) = try change([net] + all, to: [net] + all.dropFirst(2))
        #expect(second.live.nodes.map(\.metadata.name) == ["n1", "n3", "n4"])
        #expect(second.held.deletions == [Deletion(key("n1"))])
        // Another host knows nothing of that.
        let (_, elsewhere) = try change([net] + all, to: [net] + all.dropFirst(2), node: "n4")
        #expect(elsewhere.held.isEmpty && elsewhere.live.nodes.map(\.metadata.name) == ["n3", "n4"])
    }

    @Test func theLastOverlayOfThisHostIsHeld() throws {
        let other = file("other.yaml", overlay("other", "10.1.0.0/24"))
        let member = file(
            "n1.yaml",
            node(
                "n1",
                "{name: net, addresses: [10.0.0.1]}, "
                    + "{name: other, addresses: [10.1.0.1], interface: wg1, listenPort: 1}"))
        let left = file("n1.yaml", node("n1", "{name: other, addresses: [10.1.0.1], interface: wg1, listenPort: 1}"))
        let alone = file("n1.yaml", node("n1", ""))
        // One of two may go.
        let (_, one) = try change([net, other, member], to: [other, left])
        #expect(one.held.isEmpty && one.live.overlays.map(\.metadata.name) == ["other"])
        // Both may not, and the host stays a member of what is kept (I10).
        let (first, none) = try change([net, other, member], to: [alone])
        #expect(none.live == first.live)
        #expect(none.held.deletions.map(\.key) == [ResourceKey(.overlay, "net"), ResourceKey(.overlay, "other")])
        #expect(none.acceptance(.node, "n1")?.reason == Reason.pruneBlocked)
        // A host that is in neither is not asked.
        let (_, elsewhere) = try change([net, other, member], to: [alone], node: "stranger")
        #expect(elsewhere.held.isEmpty && elsewhere.live.overlays.isEmpty)
    }

    @Test(arguments: [
        // (nodes, containers each, nodes that go, held)
        (20, 0, 4, false),  // fewer than 5
        (20, 0, 6, false),  // 6 of 21: 29 %
        (20, 0, 7, true),  // 7 of 21: 33 %
        (10, 4, 3, false),  // 15 of 51: 29 %
        (10, 4, 4, true),  // 20 of 51: 39 %
    ])
    func thirtyPerCentAndAtLeastFive(nodes count: Int, containers: Int, gone: Int, isHeld: Bool) throws {
        let all = nodes(count, containers: containers)
        let (first, second) = try change([net] + all, to: [net] + all.dropLast(gone))
        #expect(second.held.isEmpty == !isHeld)
        #expect((second.live == first.live) == isHeld)
        #expect(second.live.nodes.count == (isHeld ? count : count - gone))
    }

    @Test func limitsAreConfigurable() throws {
        let all = nodes(20)
        let (_, strict) = try change(
            [net] + all, to: [net] + all.dropLast(2), limits: PruneLimits(percent: 5, count: 1))
        #expect(strict.held.deletions.count == 2)
        let (_, lax) = try change([net] + all, to: [net] + all.dropLast(15), limits: PruneLimits(percent: 100))
        #expect(lax.held.isEmpty)
    }

    @Test func containersThatLeaveTheirNodeCount() throws {
        let before = nodes(2, containers: 6)
        let after = [before[0], nodes(2)[1]]
        let (first, second) = try change([net] + before, to: [net] + after)
        #expect(second.live == first.live)
        #expect(second.held.deletions.map(\.container) == (0..<6).map { "c2-\($0)" })
        #expect(second.acceptance(.node, "n2")?.reason == Reason.pruneBlocked)
        #expect(second.acceptance(.node, "n1")?.status == .true)
    }

    @Test func containersThatMoveAreNotDeleted() throws {
        let before = nodes(2, containers: 6)
        let moved = file(
            "n2.yaml",
            node(
                "n2", "{name: net, addresses: [10.0.0.2]}",
                "  containers:\n"
                    + [1, 2].flatMap { node in (0..<6).map { "    - {name: c\(node)-\($0), image: busybox}" } }
                    .joined(separator: "\n")))
        let (_, second) = try change([net] + before, to: [net, nodes(1)[0], moved])
        #expect(second.held.isEmpty && second.live.nodes.map(\.spec.containers.count) == [0, 12])
    }

    @Test func whatIsAddedAndChangedGoesAheadWhileDeletionsAreHeld() throws {
        let all = nodes(20)
        let changed = file("n1.yaml", node("n1", "{name: net, addresses: [10.0.0.1]}", "  unschedulable: true"))
        let added = file("x.yaml", node("x", "{name: net, addresses: [10.0.0.100]}"))
        // The newcomer asks for an address that a held Node has: what is held keeps it.
        let rival = file("z.yaml", node("z", "{name: net, addresses: [10.0.0.20]}"))
        let (_, second) = try change([net] + all, to: [net, changed, added, rival] + all[1..<10])
        #expect(second.held.deletions.count == 10)
        #expect(second.live.nodes.count == 21 && second.live.nodes.first?.spec.unschedulable == true)
        #expect(second.acceptance(.node, "x")?.status == .true)
        #expect(second.acceptance(.node, "z")?.reason == Reason.conflict)
    }

    @Test func whatComesBackIsHeldNoMore() throws {
        let all = [net] + nodes(3)
        var acceptor = try Acceptor()
        let request = PruneRequest(node: "n1")
        let first = acceptor.accept(all, lastGood: [], pruning: request)
        let second = acceptor.accept([], lastGood: first.lastGood, pruning: request)
        #expect(!second.held.isEmpty)
        let third = acceptor.accept(all, lastGood: second.lastGood, pruning: request)
        #expect(third == first)
        // After a restart the last good versions decide the same.
        var restarted = try Acceptor()
        #expect(restarted.accept([], lastGood: second.lastGood, pruning: request) == second)
    }

    @Test func aConfirmationCoversWhatWasShownAndNothingMore() throws {
        let all = [net] + nodes(3)
        let shown = try change(all, to: [net, all[1]]).second.held
        #expect(shown.isEmpty, "two of four, fewer than five")
        let everything = try change(all, to: []).second.held
        let (_, gone) = try change(all, to: [], confirmed: Set(everything.deletions))
        #expect(gone.live == ResourceSet() && gone.held.isEmpty && gone.lastGood.isEmpty)
        let (first, still) = try change(all, to: [], confirmed: Set(everything.deletions.dropLast()))
        #expect(still.live == first.live && still.held == everything)
    }

    @Test func aBrokenFileIsNoDeletion() throws {
        let all = [net] + nodes(3)
        let broken = all.map { ManifestFile(path: $0.path, contents: .bytes(Array("x: [".utf8))) }
        let (first, second) = try change(all, to: broken)
        #expect(second.held.isEmpty && second.live == first.live)
        #expect(second.acceptances.allSatisfy { $0.reason == Reason.invalid })
    }
}

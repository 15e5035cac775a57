import FleetModel
import Foundation
import Manifest
import Resources
import Testing

/// What a snapshot comes to when only its edits are judged is what it comes to when all of it is.
///
/// `WGCTL_SEQUENCES` says how many sequences of 60 snapshots.
@Suite struct EditTests {
    private static let sequences = ProcessInfo.processInfo.environment["WGCTL_SEQUENCES"].flatMap { Int($0) } ?? 12

    @Test func aPartComesToWhatTheWholeComesTo() throws {
        let pristine = try Acceptor()
        var parts = 0
        var refusals = 0
        for seed in 0..<UInt64(Self.sequences) {
            var random = SeededGenerator(seed: seed)
            var manifests = RandomManifests()
            var acceptor = pristine
            var before = AcceptedSet()
            for step in 0..<60 {
                let edits = step == 0 ? Int.random(in: 0...12, using: &random) : Int.random(in: 1...2, using: &random)
                for _ in 0..<edits { manifests.mutate(&random) }
                let files = manifests.files
                let pruning = seed % 4 == 0 ? nil : PruneRequest(node: "n0", limits: PruneLimits(percent: 10, count: 3))
                // A copy that has never seen the fleet judges all of it.
                var whole = pristine
                let expected = whole.accept(files, lastGood: before.lastGood, pruning: pruning)
                let accepted = acceptor.accept(files, lastGood: before.lastGood, pruning: pruning)
                try #require(accepted == expected, "sequence \(seed), step \(step)")
                if let dirty = acceptor.dirtyNodes {
                    parts += 1
                    if accepted.acceptances.contains(where: { $0.status == .false }) { refusals += 1 }
                    try #require(accepted.live.overlays == before.live.overlays)
                    let old = Dictionary(uniqueKeysWithValues: before.live.nodes.map { ($0.metadata.name, $0) })
                    try #require(accepted.live.nodes.map(\.metadata.name) == before.live.nodes.map(\.metadata.name))
                    let changed = accepted.live.nodes.filter { old[$0.metadata.name] != $0 }.map(\.metadata.name)
                    try #require(dirty == Set(changed), "sequence \(seed), step \(step)")
                }
                before = accepted
            }
        }
        #expect(parts > 20 * Self.sequences && refusals > 5 * Self.sequences, "\(parts), \(refusals)")
    }

    /// - Returns: what became of the edited snapshot, and the dirty Nodes.
    private func edit(
        _ old: [ManifestFile], _ new: [ManifestFile], pruning: PruneRequest? = nil
    ) throws -> (accepted: AcceptedSet, dirty: Set<String>?) {
        var acceptor = try Acceptor()
        let before = acceptor.accept(old, lastGood: [], pruning: pruning)
        #expect(acceptor.dirtyNodes == nil, "at first everything is new")
        let accepted = acceptor.accept(new, lastGood: before.lastGood, pruning: pruning)
        var whole = try Acceptor()
        #expect(accepted == whole.accept(new, lastGood: before.lastGood, pruning: pruning))
        return (accepted, acceptor.dirtyNodes)
    }

    private func fleet(
        _ b: String = "{name: net, addresses: [10.0.0.2]}", _ c: String = "{name: net, addresses: [10.0.0.3]}",
        containers: [String] = []
    ) -> [ManifestFile] {
        let list = containers.map { "    - {name: \($0), image: alpine}" }
        let more = list.isEmpty ? "" : "  containers:\n" + list.joined(separator: "\n")
        return [
            file("a.yaml", node("a", "{name: net, addresses: [10.0.0.1]}")), file("b.yaml", node("b", b, more)),
            file("c.yaml", node("c", c)), file("net.yaml", overlay("net")),
        ]
    }

    @Test func anEditedNodeIsDirty() throws {
        #expect(try edit(fleet(), fleet()).dirty == [])
        #expect(try edit(fleet(), fleet("{name: net, addresses: [10.0.0.9]}")).dirty == ["b"])
    }

    /// What goes from one Node to another in one step clashes with nobody.
    @Test func aRouteThatMovesMakesBothDirty() throws {
        let routed = "{name: net, addresses: [10.0.0.2], routes: [172.16.0.0/24]}"
        let taker = "{name: net, addresses: [10.0.0.3], routes: [172.16.0.0/24]}"
        let plain = "{name: net, addresses: [10.0.0.2]}"
        #expect(try edit(fleet(routed), fleet(plain, taker)).dirty == ["b", "c"])
    }

    @Test(arguments: [
        "{name: net, addresses: [10.0.0.3]}", "{name: net, addresses: [10.0.0.2], routes: [10.0.0.3/32]}",
        "{name: net, addresses: [10.9.0.2]}", "{name: net, addresses: [10.0.0.2], routes: [10.0.0.0/24]}",
        "{name: net}", "{name: missing, addresses: [10.0.0.2]}",
    ])
    func whatIsRefusedMakesNothingDirty(change: String) throws {
        let (accepted, dirty) = try edit(fleet(), fleet(change))
        #expect(dirty == [])
        #expect(accepted.acceptance(.node, "b")?.status == .false)
    }

    @Test func aFewContainersMayGoAndManyTakeTheWholeFleet() throws {
        let pruning = PruneRequest(node: "a", limits: PruneLimits(percent: 10, count: 2))
        let full = fleet(containers: ["u", "v", "w"])
        #expect(try edit(full, fleet(containers: ["u", "v"]), pruning: pruning).dirty == ["b"])
        let (accepted, dirty) = try edit(full, fleet(), pruning: pruning)
        #expect(dirty == nil && !accepted.held.isEmpty)
    }

    @Test func whatWasHeldIsNotHeldWhenItIsBack() throws {
        let pruning = PruneRequest(node: "a", limits: PruneLimits(percent: 10, count: 2))
        let full = fleet(containers: ["u", "v", "w"])
        var acceptor = try Acceptor()
        let before = acceptor.accept(full, lastGood: [], pruning: pruning)
        let held = acceptor.accept(fleet(), lastGood: before.lastGood, pruning: pruning)
        #expect(!held.held.isEmpty)
        #expect(acceptor.accept(full, lastGood: held.lastGood, pruning: pruning) == before)
    }

    /// A blank file keeps what it held, until that is no longer live.
    @Test func whatAFileHeldIsAskedAgainWhenItHasChanged() throws {
        func contested(_ name: String) -> ManifestFile {
            file("\(name).yaml", node(name, "{name: net, addresses: [10.0.0.7]}"))
        }
        var acceptor = try Acceptor()
        // Two that cannot both be live: history of another release.
        let a = acceptor.accept([contested("d"), fleet()[3]], lastGood: []).lastGood
        let b = acceptor.accept([contested("e")], lastGood: []).lastGood
        let files =
            fleet() + [
                contested("d"), file("e.yaml", "\n"),
                file("f.yaml", node("e", "{name: net, addresses: [10.0.0.7]}")),
            ]
        let before = acceptor.accept(files, lastGood: (a + b).sorted { $0.key < $1.key })
        #expect(before.acceptance(.node, "e")?.json == nil && !before.fileErrors.isEmpty)
        var edited = files
        edited[1] = file("b.yaml", node("b", "{name: net, addresses: [10.0.0.9]}"))
        var whole = try Acceptor()
        let accepted = acceptor.accept(edited, lastGood: before.lastGood)
        #expect(accepted == whole.accept(edited, lastGood: before.lastGood))
    }

    @Test func whatElseIsDifferentTakesTheWholeFleet() throws {
        var files = fleet()
        files[3] = file("net.yaml", overlay("net", "10.0.0.0/23"))
        #expect(try edit(fleet(), files).dirty == nil)
        #expect(try edit(fleet(), fleet().dropLast()).dirty == nil)
        #expect(
            try edit(fleet(), fleet() + [file("new.yaml", node("d", "{name: net, addresses: [10.0.0.4]}"))]).dirty
                == nil)
    }

    @Test func otherHistoryTakesTheWholeFleet() throws {
        var acceptor = try Acceptor()
        let before = acceptor.accept(fleet(), lastGood: [])
        let edited = fleet("{name: net, addresses: [10.0.0.9]}")
        _ = acceptor.accept(edited, lastGood: before.lastGood.dropLast())
        #expect(acceptor.dirtyNodes == nil)
    }
}

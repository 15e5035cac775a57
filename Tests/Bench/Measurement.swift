import Foundation
import HostState
import Manifest
import ManifestWatch
import Planner
import Resources

/// The way from files to a plan, step by step, as the daemon goes it.
struct Measurement {
    let fleet: Fleet
    let runs: Int
    private let clock = ContinuousClock()

    init(fleet: Fleet, runs: Int) {
        self.fleet = fleet
        self.runs = runs
    }

    func coldStarts() throws {
        for _ in 0..<runs { try coldStart() }
    }

    /// Read everything, accept and plan it: without history, and as after a restart.
    private func coldStart() throws {
        var lastGood: [LastGood] = []
        for name in ["cold start", "cold start with history"] {
            let start = clock.now
            let files = try ManifestScan.files(below: fleet.directory.path()).map(ManifestFile.init)
            let scanned = clock.now
            var acceptor = try Acceptor()
            let accepted = acceptor.accept(files, lastGood: lastGood)
            let decided = clock.now
            check(Planner.plan(accepted.live, facts: HostFacts(node: Fleet.name(0))))
            let end = clock.now
            tell("\(name): scan", scanned - start)
            tell("\(name): accept", decided - scanned)
            tell("\(name): plan", end - decided)
            tell(name, end - start)
            lastGood = accepted.lastGood
        }
    }

    /// One file of the fleet changes: from the end of the write to the plan, and where it differs from the last one.
    /// Beside it a changed Overlay, which is everybody's.
    func changes() async throws {
        let source = ManifestSource(directory: fleet.directory.path())
        var updates = source.updates().makeAsyncIterator()
        var acceptor = try Acceptor()
        var (accepted, plan) = (AcceptedSet(), DesiredHost())
        let facts = HostFacts(node: Fleet.name(0))
        for run in 0...(2 * runs) {
            let start = clock.now
            guard case .snapshot(let snapshot)? = await updates.next() else { throw Failure.noSnapshot }
            let seen = clock.now
            accepted = acceptor.accept(snapshot.map(ManifestFile.init), lastGood: accepted.lastGood)
            let judged = clock.now
            let scope = Planner.update(&plan, to: accepted.live, facts: facts, dirty: acceptor.dirtyNodes)
            let end = clock.now
            check(plan)
            if run > 0 {
                let isPart = run <= runs
                guard (acceptor.dirtyNodes == [Fleet.name(1)]) == isPart, (scope == nil) != isPart,
                    plan == Planner.plan(accepted.live, facts: facts)
                else { throw Failure.otherPlan }
                let name = isPart ? "one changed Node" : "one changed Overlay"
                tell("\(name): notice", seen - start)
                tell("\(name): accept", judged - seen)
                tell("\(name): plan", end - judged)
                tell(name, end - start)
            }
            if run < runs { try fleet.write(node: 1, revision: run + 1) } else { try fleet.write(overlay: run + 1) }
        }
        try fleet.write(node: 1)
        try fleet.write(overlay: 0)
    }

    enum Failure: Error { case noSnapshot, otherPlan }

    private func check(_ host: DesiredHost) {
        precondition(host.kernel.devices.first?.peers.count == fleet.count - 1, "not every node became a peer")
    }

    private func tell(_ name: String, _ duration: Duration) {
        print("\(name)\t\(Double(duration.components.attoseconds) / 1e18 + Double(duration.components.seconds))")
    }
}

extension ManifestFile {
    init(_ file: SourceFile) {
        switch file.contents {
        case .bytes(let bytes): self.init(path: file.path, contents: .bytes(bytes))
        case .unreadable(let reason): self.init(path: file.path, contents: .unreadable(reason: reason))
        }
    }
}

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

    /// One file of the fleet changes: from the end of the write to the amended plan, and the whole fleet behind it.
    func changes() async throws {
        let source = ManifestSource(directory: fleet.directory.path())
        var updates = source.updates().makeAsyncIterator()
        var acceptor = try Acceptor()
        var accepted = AcceptedSet()
        var (files, plan) = ([ManifestFile](), DesiredHost())
        let facts = HostFacts(node: Fleet.name(0))
        for run in 0...runs {
            let start = clock.now
            guard case .snapshot(let snapshot)? = await updates.next() else { throw Failure.noSnapshot }
            let seen = clock.now
            let standing = files
            files = snapshot.map(ManifestFile.init)
            var amended: DesiredHost?
            if run > 0 {
                let changed = zip(files, standing).filter { $0 != $1 }.map(\.0)
                let amendment = acceptor.amendment(of: changed, on: facts.node)
                let judged = clock.now
                amended = amendment.flatMap { amend(plan, accepted.live, $0, facts) }
                let end = clock.now
                tell("one changed file: notice", seen - start)
                tell("one changed file: judge", judged - seen)
                tell("one changed file: plan", end - judged)
                tell("one changed file", end - start)
            }
            let behind = clock.now
            accepted = acceptor.accept(files, lastGood: accepted.lastGood)
            acceptor.index()
            let decided = clock.now
            plan = Planner.plan(accepted.live, facts: facts)
            let planned = clock.now
            check(plan)
            if run > 0 {
                guard amended == plan else { throw Failure.otherPlan }
                tell("the whole fleet behind it: accept", decided - behind)
                tell("the whole fleet behind it: plan", planned - decided)
            }
            try fleet.write(node: 1, revision: run + 1)
        }
        try fleet.write(node: 1)
    }

    private func amend(
        _ plan: DesiredHost, _ live: ResourceSet, _ amendment: Amendment, _ facts: HostFacts
    ) -> DesiredHost? {
        live.nodes.first { $0.metadata.name == facts.node }.flatMap {
            var plan = plan
            let change = Planner.amendment(node: $0, overlays: live.overlays, with: amendment, facts: facts)
            return change.map { plan.amend($0) } == true ? plan : nil
        }
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

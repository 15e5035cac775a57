import FleetModel
import Foundation
import HostState
import NetAddress
import Planner
import Resources
import Testing

/// A plan that comes of the one before is the plan that the whole fleet gives.
///
/// `WGCTL_SEQUENCES` says how many sequences of 200 edits.
@Suite struct DirtyTests {
    private static let sequences = ProcessInfo.processInfo.environment["WGCTL_SEQUENCES"].flatMap { Int($0) } ?? 20

    @Test func aPartComesToWhatTheWholeComesTo() throws {
        var parts = 0
        for seed in 0..<UInt64(Self.sequences) {
            var random = SeededGenerator(seed: seed)
            var fleet = RandomResources()
            var (resources, facts) = (fleet.resources, fleet.facts)
            var plan = Planner.plan(resources, facts: facts)
            for step in 0..<200 {
                for _ in 0..<Int.random(in: 1...2, using: &random) { fleet.mutate(&random) }
                let (next, nextFacts) = (fleet.resources, fleet.facts)
                let changed = zip(resources.nodes, next.nodes).filter { $0 != $1 }.map(\.0.metadata.name)
                let byFacts = nextFacts.dirtyNodes(since: facts, in: plan)
                let dirty = resources.overlays == next.overlays ? byFacts?.union(changed) : nil
                let expected = Planner.plan(next, facts: nextFacts)
                var part = plan
                let scope = Planner.update(&part, to: next, facts: nextFacts, dirty: dirty)
                try #require(part == expected, "sequence \(seed), step \(step), dirty \(dirty ?? [])")
                if let scope {
                    try expect(scope, from: plan.kernel, to: expected.kernel)
                    if expected != plan { parts += 1 }
                }
                (resources, facts, plan) = (next, nextFacts, expected)
            }
        }
        #expect(parts > 20 * Self.sequences, "\(parts)")
    }

    /// All that differs lies inside of the scope.
    private func expect(_ scope: KernelScope, from old: DesiredKernel, to new: DesiredKernel) throws {
        #expect(old.links == new.links && old.addresses == new.addresses && old.sysctls == new.sysctls)
        for (old, new) in zip(old.devices, new.devices) {
            let differing = Set(Set(old.peers).symmetricDifference(new.peers).map(\.publicKey))
            try #require(differing.isSubset(of: scope.peers[new.interface] ?? []))
        }
        let routes = Set(old.routes).symmetricDifference(new.routes).map(\.destination)
        try #require(scope.destinations.isSuperset(of: routes))
        let entries = Set(old.proxyNeighbours).symmetricDifference(new.proxyNeighbours)
        try #require(scope.proxyNeighbours.isSuperset(of: entries))
    }

    @Test func onlyPathsAndNamesConcernSingleNodes() throws {
        let fleet = RandomFleet()
        let plan = fleet.desired()
        let address = try #require(IPAddress("192.0.2.1"))
        var facts = RandomFleet.facts
        #expect(facts.dirtyNodes(since: facts, in: plan) == [])
        facts.pathMTUs[address] = 1300
        #expect(facts.dirtyNodes(since: RandomFleet.facts, in: plan) == ["n1"])
        facts.resolved["site-c.example"] = [address]
        #expect(facts.dirtyNodes(since: RandomFleet.facts, in: plan) == ["n1", "n2"])
        facts.underlayMTU = 1400
        #expect(facts.dirtyNodes(since: RandomFleet.facts, in: plan) == nil)
    }

    /// Whoever hands in a plan of another host, or one that these Nodes did not give, gets that of the whole fleet.
    @Test func aPlanThatDoesNotFitIsNotStartedFrom() throws {
        let fleet = RandomFleet()
        let (resources, facts, plan) = (fleet.resources(), RandomFleet.facts, fleet.desired())
        func isPart(_ previous: DesiredHost, _ dirty: Set<String> = ["n1"]) -> Bool {
            var updated = previous
            let scope = Planner.update(&updated, to: resources, facts: facts, dirty: dirty)
            #expect(updated == plan)
            return scope != nil
        }
        #expect(isPart(plan))
        #expect(!isPart(DesiredHost()))
        #expect(!isPart(plan, ["n0"]), "the host's own Node is what all of it is made of")
        var stale = plan
        stale.kernel.routes.removeAll { $0.interface == plan.kernel.devices[0].interface }
        #expect(!isPart(stale))
        stale = plan
        stale.kernel.devices.removeAll()
        #expect(!isPart(stale))
    }
}

import FleetModel
import HostState
import NetAddress
import Planner
import Resources
import Testing

/// A plan that is amended is the plan that the whole fleet gives.
@Suite struct AmendmentTests {
    @Test func anAmendedPlanIsThatOfTheWholeFleet() {
        var random = SeededGenerator(seed: 1)
        var fleet = RandomFleet()
        var amended = 0
        for _ in 0..<3000 {
            let before = fleet
            fleet.mutate(&random)
            guard let result = fleet.amendedPlan(from: before) else { continue }
            #expect(result.desired == fleet.desired())
            if !result.scope.isEmpty { amended += 1 }
        }
        #expect(amended > 200)
    }

    @Test func whatElseIsDifferentIsNoAmendment() throws {
        let fleet = RandomFleet()
        let resources = fleet.resources()
        let plan = fleet.desired()
        let own = try #require(resources.nodes.first)
        var other = try #require(resources.nodes.last)
        let before = other
        other.spec.endpoint = Endpoint("203.0.113.9")
        let amendment = Amendment(before: [before], after: [other])
        let change = try #require(
            Planner.amendment(node: own, overlays: resources.overlays, with: amendment, facts: RandomFleet.facts))
        func canAmend(_ plan: DesiredHost) -> Bool {
            var amended = plan
            let isAmended = amended.amend(change)
            #expect(isAmended || amended == plan)
            return isAmended
        }
        #expect(canAmend(plan))
        // The plan is not the one that these Nodes gave.
        var stale = plan
        stale.kernel.devices[0].peers.removeLast()
        #expect(!canAmend(stale))
        stale = plan
        stale.kernel.routes.removeAll { $0.interface == plan.kernel.devices[0].interface }
        #expect(!canAmend(stale))
        #expect(!canAmend(DesiredHost()))
        // A key that this host is given for another node.
        other.spec.publicKey = RandomFleet.key(1)
        var facts = RandomFleet.facts
        facts.publicKeys["n2"] = nil
        let sameKey = Amendment(before: [before], after: [other])
        #expect(Planner.amendment(node: own, overlays: resources.overlays, with: sameKey, facts: facts) == nil)
    }
}

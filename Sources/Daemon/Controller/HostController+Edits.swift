internal import Convergence
internal import HostPolicy
internal import HostState
internal import NetAddress
internal import NetworkLane
internal import Planner
internal import Reconciler
internal import Resources
internal import RouteNetlink

extension HostController {
    /// Plans a few edited Nodes of other hosts before everything else that a snapshot asks for: the cost of one edit does
    /// not grow with the fleet. The whole fleet is planned right after, as always.
    ///
    /// - Parameter input: what the plan of the set that was accepted before was made from; nil when there is none.
    func planEdited(_ live: ResourceSet, after input: PlannedInput?) async {
        guard isFollowing, let input, input.policy == policyWatch.policy, let plannedFacts = planned.facts,
            let dirty = acceptance.acceptor.dirtyNodes, !dirty.isEmpty, !dirty.contains(options.node)
        else { return }
        let (number, before) = (facts.plan.value.number, facts.plan.value.desired)
        var wanted = before
        let judgement = input.policy.judge(live, node: options.node, previous: input.judgement, dirty: dirty)
        guard judgement.frozen == input.judgement.frozen, judgement.violations == input.judgement.violations,
            let hostFacts = await factsForPart(plannedFacts, dirty.compactMap(judgement.resources.node)),
            let dirtyByFacts = hostFacts.dirtyNodes(since: plannedFacts, in: before),
            let scope = Planner.update(
                &wanted, to: judgement.resources, facts: hostFacts, dirty: dirty.union(dirtyByFacts))
        else { return }
        // Finding paths took time; and many changes of other hosts do not concern this host.
        guard isFollowing, !scope.isEmpty else { return }
        let isTaken = facts.plan.update { [wanted] plan in
            plan.number == number
                && plan.amend(scope) { desired in
                    desired = wanted
                    return true
                }
        }
        guard isTaken else { return }
        let network = lanes.networkBackend
        await lanes.network.applyPart("manifests", isDrift: false) { network.part(scope, $0) }
    }

    /// The facts of the last plan with the paths to these Nodes.
    private func factsForPart(_ before: HostFacts, _ nodes: [Node]) async -> HostFacts? {
        var facts = before
        let unknown = endpoints(of: nodes).filter { facts.pathMTUs[$0] == nil }
        guard !unknown.isEmpty else { return facts }
        guard let paths = try? await routes.pathMTUs(to: unknown) else { return nil }
        planned.underlay.add(paths)
        facts.pathMTUs.merge(paths) { _, new in new }
        return facts
    }
}

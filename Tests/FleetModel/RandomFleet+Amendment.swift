public import HostState
public import NetAddress
internal import Planner
internal import Resources

/// A plan after a few Nodes have changed, and the part of it that is different.
public struct AmendedPlan {
    public let desired: DesiredHost
    public let scope: KernelScope
}

extension RandomFleet {
    /// The plan as amended from the one that another fleet gave; nil when more than other hosts' Nodes is different, or
    /// when the planner cannot tell.
    ///
    /// - Parameter ownPublicKey: the host's real key; nil for a made-up one.
    public func amendedPlan(from before: RandomFleet, ownPublicKey: PublicKey? = nil) -> AmendedPlan? {
        let (old, new) = (before.resources(), resources())
        var plan = before.desired(ownPublicKey: ownPublicKey)
        guard old.overlays == new.overlays, old.nodes.map(\.metadata) == new.nodes.map(\.metadata),
            let own = new.nodes.first(where: { $0.metadata.name == plan.node }), old.nodes.contains(own),
            plan.frozen == desired(ownPublicKey: ownPublicKey).frozen
        else { return nil }
        let changed = zip(old.nodes, new.nodes).filter { $0 != $1 }
        let amendment = Planner.amendment(
            node: own, overlays: new.overlays,
            with: Amendment(before: changed.map(\.0), after: changed.map(\.1)),
            facts: facts(ownPublicKey: ownPublicKey))
        return amendment.flatMap { plan.amend($0) ? AmendedPlan(desired: plan, scope: $0.scope) : nil }
    }
}

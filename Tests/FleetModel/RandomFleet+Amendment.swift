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
    /// The Nodes that differ from those of another fleet, by name; nil when more than Nodes' contents does.
    public func dirtyNodes(since before: RandomFleet) -> Set<String>? {
        let (old, new) = (before.resources(), resources())
        guard old.overlays == new.overlays, old.nodes.map(\.metadata) == new.nodes.map(\.metadata) else { return nil }
        return Set(zip(old.nodes, new.nodes).filter { $0 != $1 }.map(\.0.metadata.name))
    }

    /// The plan that comes of the one that another fleet gave; nil when more than other hosts' Nodes is different.
    ///
    /// - Parameter ownPublicKey: the host's real key; nil for a made-up one.
    public func amendedPlan(from before: RandomFleet, ownPublicKey: PublicKey? = nil) -> AmendedPlan? {
        let facts = facts(ownPublicKey: ownPublicKey)
        guard before.facts(ownPublicKey: ownPublicKey) == facts, let dirty = dirtyNodes(since: before),
            !dirty.contains(facts.node)
        else { return nil }
        var plan = before.desired(ownPublicKey: ownPublicKey)
        let scope = Planner.update(&plan, to: resources(), facts: facts, dirty: dirty)
        return scope.map { AmendedPlan(desired: plan, scope: $0) }
    }
}

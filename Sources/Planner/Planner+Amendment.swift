import HostState
import NetAddress
public import Resources

extension Planner {
    /// What a few changed Nodes change in the plan, found without the rest of the fleet.
    ///
    /// Pure, like `plan`. A plan that was made with the same facts before these Nodes changed becomes by it what planning
    /// the whole fleet again would come to.
    ///
    /// - Parameters:
    ///   - node: this host's own Node, which is not among those that changed.
    ///   - overlays: all that are live.
    /// - Returns: nil when it takes the whole fleet to tell.
    public static func amendment(
        node: Node, overlays: [Overlay], with nodes: Amendment, facts: HostFacts
    ) -> PlanAmendment? {
        guard hasKeysOfItsOwn(nodes, facts) else { return nil }
        let resources = ResourceSet(overlays: overlays)
        let before = self.overlays(of: node, in: resources, nodes: nodes.before, facts: facts)
        let after = self.overlays(of: node, in: resources, nodes: nodes.after, facts: facts)
        var amendment = PlanAmendment(node: node.metadata.name)
        for (old, new) in zip(before, after) {
            let part = PlanAmendment.Part(old, new, facts: facts)
            guard part.isDifferent else { continue }
            // A container's route to its bridge, inside of another node's slice, may be due to several nodes.
            guard (part.old.routes + part.new.routes).allSatisfy({ $0.interface == part.interface }) else { return nil }
            amendment.parts.append(part)
        }
        return amendment
    }

    /// Keys that are given to this host in place of the manifests' could be those that a changed Node has now.
    private static func hasKeysOfItsOwn(_ amendment: Amendment, _ facts: HostFacts) -> Bool {
        amendment.after.allSatisfy { node in
            let others = facts.publicKeys.filter { $0.key != node.metadata.name }.values
            return node.spec.publicKey.map { !others.contains($0) } ?? true
        }
    }
}

extension PlanAmendment.Part {
    fileprivate init(_ before: OverlayView, _ after: OverlayView, facts: HostFacts) {
        self.init(
            interface: after.names.wireguard, bridge: after.names.bridge, old: PlanAmendment.Side(before, facts: facts),
            new: PlanAmendment.Side(after, facts: facts))
    }
}

extension PlanAmendment.Side {
    fileprivate init(_ view: OverlayView, facts: HostFacts) {
        let peers = Planner.overlayPeers(view, facts: facts)
        self.init(
            peers: peers, routes: Planner.overlayRoutes(view, peers: peers, facts: facts),
            proxyNeighbours: Planner.overlayProxyNeighbours(view, peers: peers))
    }
}

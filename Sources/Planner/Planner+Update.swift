public import HostState
import NetAddress
public import Resources

extension Planner {
    /// Brings a plan up to date with other resources or facts. If only Nodes of other hosts are different, only their parts
    /// are planned, and replaced in place: the cost does not grow with the fleet.
    ///
    /// The result is that of `plan`, provided that no two Nodes claim one address: no accepted set has such Nodes.
    ///
    /// - Parameters:
    ///   - plan: made from resources that differ from these in the dirty Nodes only.
    ///   - dirty: the names of the Nodes that are different, and of those that the facts make so (`HostFacts.dirtyNodes`);
    ///     nil when everything may be different.
    /// - Returns: where the plan may have changed; nil when that may be anywhere.
    public static func update(
        _ plan: inout DesiredHost, to resources: ResourceSet, facts: HostFacts, dirty: Set<String>?
    ) -> KernelScope? {
        if let dirty, let part = part(of: plan, resources, facts: facts, dirty: dirty),
            let scope = plan.kernel.replace(part, facts: facts)
        {
            return scope
        }
        plan = self.plan(resources, facts: facts)
        return nil
    }

    /// The peers of one overlay that dirty Nodes are, before and now.
    struct DirtyPeers {
        let view: OverlayView
        let old: [DesiredPeer]
        let new: [DesiredPeer]

        /// A container of ours inside another node's slice has a route that may be due to several nodes.
        var hasContainerInSlice: Bool {
            let slices = (old + new).flatMap(\.allowedIPs).filter { !$0.isHost }
            guard !slices.isEmpty else { return false }
            return view.containerAddresses(of: view.node).contains { address in
                slices.contains { $0.contains(address) }
            }
        }
    }

    /// By overlay, what dirty Nodes change in a plan; nil when it takes all Nodes to tell.
    private static func part(
        of plan: DesiredHost, _ resources: ResourceSet, facts: HostFacts, dirty: Set<String>
    ) -> [DirtyPeers]? {
        guard plan.node == facts.node, !dirty.contains(facts.node), let own = resources.node(facts.node) else {
            return nil
        }
        let nodes = dirty.sorted().compactMap(resources.node)
        let views = overlays(of: own, in: resources, nodes: nodes, facts: facts)
        guard views.map(\.names.wireguard) == plan.kernel.devices.map(\.interface) else { return nil }
        let part = views.indices.map { index in
            DirtyPeers(
                view: views[index], old: plan.kernel.devices[index].peers(of: dirty),
                new: overlayPeers(views[index], facts: facts))
        }
        let keys = part.flatMap { $0.old.map(\.publicKey) } + nodes.compactMap { key(of: $0, facts: facts) }
        guard !isKnown(keys, besides: dirty, in: resources, facts), !part.contains(where: \.hasContainerInSlice)
        else { return nil }
        return part
    }

    /// Whether a Node besides the dirty ones has one of these keys, or could have: of two the first by name gets it.
    private static func isKnown(
        _ keys: [PublicKey], besides dirty: Set<String>, in resources: ResourceSet, _ facts: HostFacts
    ) -> Bool {
        if facts.publicKeys.contains(where: { keys.contains($0.value) && !dirty.contains($0.key) }) { return true }
        // By index: to hold each Node for a moment takes longer than to look at it.
        return resources.nodes.indices.contains { index in
            guard let key = resources.nodes[index].spec.publicKey, keys.contains(key) else { return false }
            return !dirty.contains(resources.nodes[index].metadata.name)
        }
    }
}

extension DesiredDevice {
    fileprivate func peers(of nodes: Set<String>) -> [DesiredPeer] {
        peers.indices.filter { nodes.contains(peers[$0].node) }.map { peers[$0] }
    }
}

extension DesiredKernel {
    /// Replaces peers with all that they are the reason of.
    ///
    /// - Returns: what they are and were the reason of; nil when it is not theirs alone, and then a part may be replaced.
    fileprivate mutating func replace(_ part: [Planner.DirtyPeers], facts: HostFacts) -> KernelScope? {
        var scope = KernelScope()
        for (device, dirty) in part.enumerated() {
            let view = dirty.view
            let gone = dirty.old.flatMap(\.allowedIPs).flatMap { routes.equal($0, by: \.destination) }
            let come = Planner.overlayRoutes(view, peers: dirty.new, facts: facts)
            guard gone.count == dirty.old.reduce(0, { $0 + $1.allowedIPs.count }),
                routes.canReplace(gone, with: come, by: \.destination),
                devices[device].peers.canReplace(dirty.old, with: dirty.new, by: \.publicKey)
            else { return nil }
            if gone == come, dirty.old == dirty.new { continue }
            routes.replace(gone, with: come, by: \.destination)
            devices[device].peers.replace(dirty.old, with: dirty.new, by: \.publicKey)
            let entries = [dirty.old, dirty.new].map { Planner.overlayProxyNeighbours(view, peers: $0) }
            guard replace(entries[0], with: entries[1], on: view.names.bridge, of: device) else { return nil }
            scope.peers[view.names.wireguard] = Set((dirty.old + dirty.new).map(\.publicKey))
            scope.destinations.formUnion((gone + come).map(\.destination))
            scope.proxyNeighbours.formUnion(entries[0] + entries[1])
        }
        return scope
    }

    /// The entries of one bridge are next to each other, sorted by address, in the order of the overlays.
    private mutating func replace(
        _ old: [ProxyNeighbour], with new: [ProxyNeighbour], on bridge: String, of device: Int
    ) -> Bool {
        guard old != new else { return true }
        let earlier = Set(devices[..<device].map { InterfaceNames(wireguard: $0.interface).bridge })
        let start = proxyNeighbours.firstIndex { !earlier.contains($0.interface) } ?? proxyNeighbours.endIndex
        var entries = Array(proxyNeighbours[start...].prefix { $0.interface == bridge })
        let range = start..<(start + entries.count)
        guard entries.canReplace(old, with: new, by: \.address) else { return false }
        entries.replace(old, with: new, by: \.address)
        proxyNeighbours.replaceSubrange(range, with: entries)
        return true
    }
}

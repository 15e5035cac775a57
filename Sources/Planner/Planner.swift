public import HostState
internal import NetAddress
public import Resources

/// Works out, from the resources of the whole fleet, what one host must look like.
///
/// Pure and synchronous: no clock, no logger, no input or output. The same input gives the same bytes. The model is
/// "one flat subnet on every host" of docs/dataplane.md.
public enum Planner {
    /// The desired state of the host `facts.node`; empty when no resource names it.
    ///
    /// An overlay in `facts.barredOverlays`, and every container attached to it, is left out whole; so is what is in
    /// `facts.frozen`. The result names all of it as frozen: nothing of it is made, changed or removed.
    public static func plan(_ resources: ResourceSet, facts: HostFacts) -> DesiredHost {
        guard let node = resources.nodes.first(where: { $0.metadata.name == facts.node }) else { return DesiredHost() }
        let frozen = frozen(facts, on: node)
        var host = DesiredHost(
            node: node.metadata.name, frozen: frozen.made(with: facts.identities), identities: facts.identities)
        let nodes = resources.nodes.sorted { $0.metadata.name < $1.metadata.name }
        let views = overlays(of: node, in: resources, nodes: nodes, facts: facts)
        host.kernel.sysctls = hostSysctls(for: views)
        for view in views {
            let links = overlayLinks(view)
            let peers = overlayPeers(view, facts: facts)
            host.kernel.links += links
            host.kernel.addresses += overlayAddresses(view)
            host.kernel.routes += overlayRoutes(view, peers: peers, facts: facts)
            host.kernel.proxyNeighbours += overlayProxyNeighbours(view, peers: peers)
            host.kernel.sysctls += overlaySysctls(view)
            host.kernel.devices.append(overlayDevice(view, peers: peers, facts: facts))
            host.podman.networks.append(overlayNetwork(view))
        }
        if !views.isEmpty {
            host.firewall = DesiredFirewall(clampedInterfaces: views.map(\.names.wireguard).sorted())
        }
        host.kernel.routes.sort { $0.destination < $1.destination }
        host.podman.networks.sort { $0.name < $1.name }
        host.podman.containers = containers(of: node, views: views, facts: facts).filter {
            !frozen.containers.contains($0.name)
        }
        return host
    }

    /// What is kept as it is here: what the host's policy does not allow, and what hangs on an overlay that cannot be set
    /// up now. A container that exists on it would otherwise be surplus, and go with the files in it.
    private static func frozen(_ facts: HostFacts, on node: Node) -> FrozenObjects {
        let barred = node.spec.overlays.map(\.name).filter { facts.barredOverlays[$0] != nil }
        guard !barred.isEmpty else { return facts.frozen }
        var frozen = facts.frozen
        // Where a renamed overlay keeps the name, what carries it is that one's.
        let standing = barred.filter { facts.identities.keeper(ofOverlay: $0) == nil }
        frozen.overlays = Set(frozen.overlays + standing).sorted()
        let containers = node.spec.containers.filter { container in
            container.networks.contains { barred.contains($0.overlay) }
        }
        frozen.containers = Set(frozen.containers + containers.map(\.name)).sorted()
        return frozen
    }

    static func overlays(
        of node: Node, in resources: ResourceSet, nodes: [Node], facts: HostFacts
    ) -> [OverlayView] {
        resources.overlays.sorted { $0.metadata.name < $1.metadata.name }.compactMap { overlay in
            guard facts.barredOverlays[overlay.metadata.name] == nil,
                !facts.frozen.overlays.contains(overlay.metadata.name),
                let membership = node.spec.overlays.first(where: { $0.name == overlay.metadata.name })
            else { return nil }
            return OverlayView(
                overlay: overlay, node: node, membership: membership, nodes: nodes, facts: facts)
        }
    }
}

extension FrozenObjects {
    /// With overlays by the names that their marks carry.
    fileprivate func made(with identities: Identities) -> FrozenObjects {
        var made = self
        made.overlays = overlays.map(identities.original(ofOverlay:)).sorted()
        return made
    }
}

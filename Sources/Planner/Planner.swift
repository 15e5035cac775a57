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
    /// `facts.frozen`, which the result names.
    public static func plan(_ resources: ResourceSet, facts: HostFacts) -> DesiredHost {
        guard let node = resources.nodes.first(where: { $0.metadata.name == facts.node }) else { return DesiredHost() }
        var host = DesiredHost(node: node.metadata.name, frozen: facts.frozen)
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
        host.podman.containers = containers(of: node, views: views).filter {
            !facts.frozen.containers.contains($0.name)
        }
        return host
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
                overlay: overlay, node: node, membership: membership, nodes: nodes, underlayMTU: facts.underlayMTU)
        }
    }
}

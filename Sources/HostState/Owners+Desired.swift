public import Convergence
internal import NetAddress

extension Owners {
    /// - Parameter localNode: the name of this host's Node while no manifest names it.
    public init(_ desired: DesiredHost, localNode: String) {
        self.init(node: desired.node ?? localNode)
        for (present, original) in desired.identities.overlays { presentNames[original] = present }
        for link in desired.kernel.links {
            let overlay = overlay(ofMark: link.alias)
            overlays[link.name] = overlay
            if case .veth(let peer) = link.kind { overlays[peer] = overlay }
        }
        for peer in desired.kernel.devices.flatMap(\.peers) {
            for allowed in peer.allowedIPs { nodes[allowed] = peer.node }
        }
        for container in desired.podman.containers {
            for address in container.networks.flatMap(\.addresses) { containers[address] = container.name }
        }
        for network in desired.podman.networks { networkOverlays[network.name] = overlay(madeAs: network.overlay) }
    }

    /// The present name of the Overlay that a link's mark names.
    public func overlay(ofMark alias: String) -> String {
        overlay(madeAs: String(alias.dropFirst(OwnershipMark.aliasPrefix.count)))
    }
}

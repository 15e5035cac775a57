public import HostState
import NetAddress

/// Tells which resource a change concerns, as events name it: `node/host-b`, `overlay/overlay-net`, `container/pod-a`.
///
/// Built once for a comparison; each answer is then a look-up.
public struct Regarding: Sendable {
    private let fallback: String
    private var overlays: [String: String] = [:]
    private var nodes: [CIDR: String] = [:]
    private var containers: [IPAddress: String] = [:]
    private var networks: [String: String] = [:]
    private let identities: Identities

    public init(_ desired: DesiredHost) {
        fallback = "node/\(desired.node ?? "")"
        identities = desired.identities
        for link in desired.kernel.links {
            let overlay = Regarding.overlay(ofMark: link.alias, desired.identities)
            overlays[link.name] = overlay
            overlays[link.peerName ?? link.name] = overlay
        }
        for peer in desired.kernel.devices.flatMap(\.peers) {
            for allowed in peer.allowedIPs { nodes[allowed] = peer.node }
        }
        for container in desired.podman.containers {
            for address in container.networks.flatMap(\.addresses) { containers[address] = container.name }
        }
        for network in desired.podman.networks { networks[network.name] = identities.overlay(madeAs: network.overlay) }
    }

    private static func overlay(ofMark alias: String, _ identities: Identities) -> String {
        identities.overlay(madeAs: String(alias.dropFirst(OwnershipMark.aliasPrefix.count)))
    }

    public func resource(of change: Change) -> String {
        switch change {
        case .kernel(let change): resource(of: change)
        case .podman(let change): resource(of: change)
        case .firewall: fallback
        }
    }

    private func resource(of change: PodmanChange) -> String {
        switch change {
        case .createNetwork(let network): "overlay/\(identities.overlay(madeAs: network.overlay))"
        case .removeNetwork(let name): networks[name].map { "overlay/\($0)" } ?? fallback
        default: "container/\(change.containerName)"
        }
    }

    private func resource(of change: KernelChange) -> String {
        switch change {
        case .createLink(let link), .updateLink(let link, _): overlay(link.name)
        case .deleteLink(let link):
            link.alias.map { "overlay/\(Regarding.overlay(ofMark: $0, identities))" } ?? fallback
        case .renameLink(_, to: let name): overlay(name)
        case .attachPort(_, bridge: _, let container): "container/\(container)"
        case .addAddress(let address): overlay(address.interface)
        case .deleteAddress(let address): overlay(address.interface)
        case .addRoute(let route), .replaceRoute(let route, _): owner(of: route.destination, interface: route.interface)
        case .deleteRoute(let route): owner(of: route.destination, interface: route.interface)
        case .addProxyNeighbour(let entry), .deleteProxyNeighbour(let entry):
            owner(of: entry.address.hostCIDR, interface: entry.interface)
        case .setSysctl(let sysctl, _): SysctlKey.interface(of: sysctl.key).map(overlay) ?? fallback
        case .restoreSysctl(let key, _): SysctlKey.interface(of: key).map(overlay) ?? fallback
        case .configureDevice(let interface, _, _, _), .removePeer(let interface, _): overlay(interface)
        case .addPeer(_, let peer, _): "node/\(peer.node)"
        case .updatePeer(_, let update): "node/\(update.node)"
        case .announce(let interface, let address, _): owner(of: address.hostCIDR, interface: interface)
        }
    }

    private func overlay(_ interface: String) -> String { overlays[interface].map { "overlay/\($0)" } ?? fallback }

    private func owner(of destination: CIDR, interface: String?) -> String {
        if let node = nodes[destination] { return "node/\(node)" }
        if destination.isHost, let container = containers[destination.address] { return "container/\(container)" }
        return interface.map(overlay) ?? fallback
    }
}

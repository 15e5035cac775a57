import HostState
import NetAddress
import Resources

extension Planner {
    /// One route for each allowed IP. It beats the bridge's connected subnet because it is more specific.
    static func overlayRoutes(_ view: OverlayView, peers: [DesiredPeer], facts: HostFacts) -> [DesiredRoute] {
        let tunnel = peers.flatMap { peer in
            let mtu = routeMTU(to: peer.endpoint, view, facts: facts)
            return peer.allowedIPs.map { destination in
                DesiredRoute(
                    destination: destination, interface: view.names.wireguard,
                    preferredSource: view.ownAddress(destination.family), mtu: mtu)
            }
        }
        // A container of ours inside another node's slice: the slice's route would carry its traffic away.
        let slices = peers.flatMap(\.allowedIPs).filter { !$0.isHost }
        let local = Set(view.containerAddresses(of: view.node)).filter { address in
            slices.contains { $0.contains(address) }
        }
        return tunnel
            + local.map { address in
                DesiredRoute(
                    destination: address.hostCIDR, interface: view.names.bridge,
                    preferredSource: view.ownAddress(address.family))
            }
    }

    /// IPv6 has no subnet-wide proxy: one entry for each remote address of the subnet.
    static func overlayProxyNeighbours(_ view: OverlayView, peers: [DesiredPeer]) -> [ProxyNeighbour] {
        let subnets = view.overlay.spec.subnets.filter { $0.family == .v6 }
        let addresses = peers.flatMap(\.allowedIPs).filter { allowed in
            allowed.isHost && subnets.contains { $0.contains(allowed) }
        }
        return addresses.map(\.address).sorted().map { ProxyNeighbour(interface: view.names.bridge, address: $0) }
    }

    /// The Podman network: the whole subnets, with our own addresses as gateways.
    static func overlayNetwork(_ view: OverlayView) -> DesiredNetwork {
        DesiredNetwork(
            name: view.networkName, overlay: view.originalName, bridge: view.names.bridge,
            subnets: view.subnets.map { subnet, own in
                DesiredNetwork.Subnet(subnet: subnet, gateway: own, leaseRange: leaseRange(of: subnet, view))
            },
            mtu: view.mtu, isDNSEnabled: view.overlay.spec.network.dns)
    }

    /// What Podman may give to a container that no manifest lists.
    ///
    /// IPv4: this node's slice of the subnet, so that other hosts route it here; none without a slice. IPv6: the last
    /// 256 addresses of the subnet, which no other host routes, because a slice cannot be proxied.
    private static func leaseRange(of subnet: CIDR, _ view: OverlayView) -> DesiredNetwork.LeaseRange? {
        let span: CIDR?
        switch subnet.family {
        case .v4: span = view.membership.routes.filter(subnet.contains).min()
        case .v6:
            span = CIDR(containing: subnet.lastAddress, prefixLength: max(120, subnet.prefixLength))
        }
        guard let span else { return nil }
        // The subnet's first address names the network, in IPv6 any router (RFC 4291); IPv4's last is the broadcast.
        let first = max(span.address.value, subnet.address.value + 1)
        let end = subnet.family == .v4 ? subnet.lastAddress.value - 1 : subnet.lastAddress.value
        let last = min(span.lastAddress.value, end)
        guard first <= last else { return nil }
        return DesiredNetwork.LeaseRange(
            first: IPAddress(family: subnet.family, value: first), last: IPAddress(family: subnet.family, value: last))
    }
}

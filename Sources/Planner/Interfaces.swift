import HostState
import NetAddress
import Resources

extension Planner {
    /// The bridge before its port, and both before the tunnel: the order in which they can be made.
    static func overlayLinks(_ view: OverlayView) -> [DesiredLink] {
        let backend: DesiredLink.Implementation =
            switch view.overlay.spec.wireguard.backend {
            case "Kernel": .kernel
            case "Userspace": .userspace
            default: .auto
            }
        // A fixed MAC: without one the bridge takes that of its lowest port, and containers' neighbour entries go
        // stale with every container that comes or goes.
        let macAddress = MACAddress(derivedFrom: "\(view.originalNode)/\(view.originalName)")
        return [
            DesiredLink(
                name: view.names.bridge, kind: .bridge, mtu: view.mtu, macAddress: macAddress, alias: view.alias),
            DesiredLink(
                name: view.names.anchor, kind: .veth(peer: view.names.anchorPeer), alias: view.alias,
                master: view.names.bridge),
            DesiredLink(name: view.names.wireguard, kind: .wireguard(backend), mtu: view.mtu, alias: view.alias),
        ]
    }

    /// The bridge holds our own address with the whole subnet behind it, the tunnel holds it alone. Both wait for the
    /// Podman network, which is refused while the host has an address in its subnet.
    static func overlayAddresses(_ view: OverlayView) -> [DesiredAddress] {
        view.subnets.flatMap { subnet, own in
            [
                DesiredAddress(
                    interface: view.names.bridge, address: own, prefixLength: subnet.prefixLength,
                    after: view.networkName),
                DesiredAddress(
                    interface: view.names.wireguard, address: own, prefixLength: own.family.bitWidth,
                    after: view.networkName),
            ]
        }
    }

    /// Forwarding, once for the host. `ip_forward` comes first: switching it resets other settings.
    static func hostSysctls(for views: [OverlayView]) -> [DesiredSysctl] {
        let families = views.reduce(into: Set<IPAddress.Family>()) { $0.formUnion($1.families) }
        var sysctls: [DesiredSysctl] = []
        if families.contains(.v4) { sysctls.append(DesiredSysctl(key: "net/ipv4/ip_forward", value: "1")) }
        if families.contains(.v6) { sysctls.append(DesiredSysctl(key: "net/ipv6/conf/all/forwarding", value: "1")) }
        return sysctls
    }

    /// In the order in which they must be written. Reverse path filters stay as they are: every address is routed out
    /// of the interface that it comes in by, so that strict filtering passes too.
    static func overlaySysctls(_ view: OverlayView) -> [DesiredSysctl] {
        let bridge = view.names.bridge
        let anchorPeer = view.names.anchorPeer
        var settings: [(String, String)] = [
            // The far end of the anchor is a stranger on the bridge's own segment: it must not answer for the
            // host's addresses there (ARP flux: containers would learn its MAC as the gateway's).
            ("net/ipv4/conf/\(anchorPeer)/arp_ignore", "8")
        ]
        if view.families.contains(.v4) {
            settings += [
                // Before proxy_arp: the other order can divide by zero in old kernels.
                ("net/ipv4/neigh/\(bridge)/proxy_delay", "0"),
                ("net/ipv4/conf/\(bridge)/proxy_arp", "1"),
            ]
        }
        if view.families.contains(.v6) {
            settings += [
                ("net/ipv6/conf/\(anchorPeer)/disable_ipv6", "1"),
                ("net/ipv6/conf/\(bridge)/disable_ipv6", "0"),
                ("net/ipv6/conf/\(view.names.wireguard)/disable_ipv6", "0"),
                // A container must not become the host's router.
                ("net/ipv6/conf/\(bridge)/accept_ra", "0"),
                // Nobody else on this bridge can have the gateway's address; without detection it works at once.
                ("net/ipv6/conf/\(bridge)/accept_dad", "0"),
                ("net/ipv6/neigh/\(bridge)/proxy_delay", "0"),
                ("net/ipv6/conf/\(bridge)/proxy_ndp", "1"),
            ]
        }
        return settings.map { DesiredSysctl(key: $0.0, value: $0.1) }
    }
}

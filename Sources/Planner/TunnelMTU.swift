import HostState
import NetAddress
import Resources

extension Planner {
    /// The smallest that IPv6 works with (RFC 8200).
    private static let minimumMTU: UInt32 = 1280

    /// Bytes of the interfaces and the Podman network: 80 less than the underlay for IPv6, UDP and WireGuard's header
    /// and tag, for IPv4 endpoints alike, so that a first IPv6 endpoint never forces the network to be made again.
    public static func tunnelMTU(underlay: UInt32) -> UInt32 { tunnelMTU(path: underlay, family: .v6) }

    /// Bytes that fit into the tunnel over a path: 20 or 40 go to IP, 8 to UDP, 32 to WireGuard.
    static func tunnelMTU(path: UInt32, family: IPAddress.Family) -> UInt32 {
        let overhead: UInt32 = family == .v4 ? 60 : 80
        return max(minimumMTU, max(path, overhead) - overhead)
    }

    /// Bytes for the routes to a peer whose path carries less than the interface does; nil where the interface's MTU
    /// fits, where no path is known, and where an author has set the MTU.
    ///
    /// A name counts with the smallest of its addresses: each of them is tried.
    static func routeMTU(to endpoint: Endpoint?, _ view: OverlayView, facts: HostFacts) -> UInt32? {
        guard view.overlay.spec.wireguard.mtu == nil, let host = endpoint?.host else { return nil }
        let addresses: [IPAddress] =
            switch host {
            case .address(let address): [address]
            case .name(let name): facts.resolved[name] ?? []
            }
        let fitting = addresses.compactMap { address in
            facts.pathMTUs[address].map { tunnelMTU(path: $0, family: address.family) }
        }.min()
        return fitting.flatMap { $0 < view.mtu ? $0 : nil }
    }
}

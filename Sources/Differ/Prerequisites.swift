public import HostState
internal import NetAddress

/// What may not be done once something before it has failed: the old way stays until the new one is there.
///
/// A route waits for its allowed IP, and what carried a destination before waits for the route. Everything else goes on
/// past a failure. What waits is found again by the next comparison.
public struct Prerequisites: Sendable {
    private var allowedIPs: Set<CIDR> = []
    private var destinations: Set<CIDR> = []
    private var links: Set<String> = []

    public init() {}

    /// Takes note of a change that was not made.
    public mutating func failed(_ change: KernelChange) {
        switch change {
        case .addPeer(_, let peer, _): allowedIPs.formUnion(peer.allowedIPs)
        case .updatePeer(_, let update): allowedIPs.formUnion(update.addAllowedIPs)
        case .addRoute(let route): destinations.insert(route.destination)
        case .replaceRoute(let route, let before):
            destinations.insert(route.destination)
            if let interface = before.interface { links.insert(interface) }
        default: break
        }
    }

    /// Whether a change would leave a hole now.
    public func hold(_ change: KernelChange) -> Bool {
        switch change {
        case .addRoute(let route), .replaceRoute(let route, before: _): allowedIPs.contains(route.destination)
        case .deleteRoute(let route): destinations.contains(route.destination)
        case .removePeer(_, let peer): !allowedIPs.isDisjoint(with: peer.allowedIPs)
        case .deleteLink(let link): links.contains(link.name)
        default: false
        }
    }
}

extension KernelChange {
    /// Whether it takes something away that stood: such changes come last, and look back at what came before.
    public var isRemoval: Bool {
        switch self {
        case .deleteLink, .deleteAddress, .deleteRoute, .deleteProxyNeighbour, .removePeer: true
        case .updatePeer(_, let update): !update.removeAllowedIPs.isEmpty
        default: false
        }
    }
}

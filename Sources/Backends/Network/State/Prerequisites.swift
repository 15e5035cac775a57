public import Convergence
internal import HostState
internal import NetAddress

/// Changes that must not be applied once an earlier one has failed: the old path is kept until the new one exists.
///
/// A route waits for its allowed IP, and what carried any of a destination before waits for the route: allowed IPs and
/// routes, with their links and the source addresses that the kernel deletes them with. Everything else continues after
/// a failure. The next comparison finds again what waits.
public struct Prerequisites: ChangeOrder {
    private var allowedIPs: Set<CIDR> = []
    /// Missing destinations and allowed IPs, whichever prefixes carried their addresses before.
    private var missing = PrefixSet()
    private var links: Set<String> = []
    private var sources: Set<IPAddress> = []
    /// Usually nothing fails, and then the many changes of a large fleet are not examined.
    private var isNeeded = false

    public init() {}

    /// Records a change that was not applied.
    public mutating func failed(_ change: KernelChange) {
        switch change {
        case .addPeer(_, let peer, _): miss(allowedIPs: peer.allowedIPs)
        case .updatePeer(_, let update): miss(allowedIPs: update.addAllowedIPs)
        case .addRoute(let route): missing.insert(route.destination)
        case .replaceRoute(let route, let before):
            missing.insert(route.destination)
            keep(before)
        case .deleteRoute(let route) where forbids(change): keep(route)
        default: return
        }
        isNeeded = true
    }

    private mutating func miss(allowedIPs prefixes: [CIDR]) {
        allowedIPs.formUnion(prefixes)
        for prefix in prefixes { missing.insert(prefix) }
    }

    /// Keeps what an old route needs.
    private mutating func keep(_ route: ObservedRoute) {
        if let interface = route.interface { links.insert(interface) }
        if let source = route.preferredSource { sources.insert(source) }
    }

    /// Whether a change would interrupt something now.
    public func forbids(_ change: KernelChange) -> Bool {
        guard isNeeded else { return false }
        return switch change {
        case .addRoute(let route), .replaceRoute(let route, before: _): allowedIPs.contains(route.destination)
        case .deleteRoute(let route): missing.overlaps(route.destination)
        case .removePeer(_, let peer): peer.allowedIPs.contains(where: missing.overlaps)
        case .updatePeer(_, let update): update.removeAllowedIPs.contains(where: missing.overlaps)
        case .deleteAddress(let address): sources.contains(address.address)
        case .deleteLink(let link): links.contains(link.name)
        default: false
        }
    }
}

extension KernelChange {
    /// Whether it deletes something: such changes come last, and depend on earlier ones.
    public var isRemoval: Bool {
        switch self {
        case .deleteLink, .deleteAddress, .deleteRoute, .deleteProxyNeighbour, .removePeer: true
        case .updatePeer(_, let update): !update.removeAllowedIPs.isEmpty
        default: false
        }
    }
}

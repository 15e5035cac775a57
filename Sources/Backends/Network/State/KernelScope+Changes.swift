public import HostState
internal import NetAddress

extension KernelScope {
    /// Whether a change concerns only this part.
    public func contains(_ change: KernelChange) -> Bool {
        switch change {
        case .addPeer(let interface, let peer, endpoint: _): contains(peer.publicKey, of: interface)
        case .updatePeer(let interface, let update): contains(update.publicKey, of: interface)
        case .removePeer(let interface, let peer): contains(peer.publicKey, of: interface)
        case .addRoute(let route), .replaceRoute(let route, before: _): destinations.contains(route.destination)
        case .deleteRoute(let route): destinations.contains(route.destination)
        case .addProxyNeighbour(let entry), .deleteProxyNeighbour(let entry): proxyNeighbours.contains(entry)
        case .announce(interface: _, let address, macAddress: _): destinations.contains(address.hostCIDR)
        default: false
        }
    }

    private func contains(_ key: PublicKey, of interface: String) -> Bool { peers[interface]?.contains(key) ?? false }
}

import Convergence
import HostState
import NetAddress

extension KernelDifference {
    /// Devices, then their peers. A device without a key of ours is not changed.
    mutating func compareDevices() {
        for device in desired.devices where !blocked.contains(device.interface) {
            guard let key = device.publicKey else { continue }
            let before = observed.devices[device.interface]
            if before?.publicKey != key || before?.listenPort != device.listenPort || before?.fwmark != device.fwmark {
                emit(
                    .configureDevice(
                        interface: device.interface, publicKey: key, listenPort: device.listenPort,
                        fwmark: device.fwmark, before: before.map(DeviceSettings.init)))
            }
            comparePeers(of: device, before: before?.peers ?? [:])
        }
    }

    private mutating func comparePeers(of device: DesiredDevice, before: [PublicKey: ObservedPeer]) {
        // A CIDR that another peer gets moves there when it is added: it is never removed first.
        lazy var wanted = Set(device.peers.lazy.flatMap(\.allowedIPs))
        for peer in device.peers {
            guard let old = before[peer.publicKey] else {
                let endpoint = endpoints(of: peer, listenPort: device.listenPort).first
                emit(.addPeer(interface: device.interface, peer, endpoint: endpoint))
                continue
            }
            var update = PeerUpdate(node: peer.node, publicKey: peer.publicKey)
            update.endpoint = endpointToWrite(peer, old, on: device)
            if update.endpoint != nil {
                update.endpointBefore = old.endpoint
                update.mayHaveRoamed = old.latestHandshake > 0
            }
            if peer.persistentKeepalive != old.persistentKeepalive {
                update.persistentKeepalive = peer.persistentKeepalive
                update.persistentKeepaliveBefore = old.persistentKeepalive
            }
            if peer.presharedKey != old.presharedKey {
                update.presharedKey = peer.presharedKey.map { .set($0) } ?? .clear
            }
            update.addAllowedIPs = peer.allowedIPs.filter { !old.allowedIPs.contains($0) }.sorted()
            if !update.isEmpty { emit(.updatePeer(interface: device.interface, update)) }
            // Both lists are sets: if the counts match, there is no surplus.
            guard old.allowedIPs.count > peer.allowedIPs.count - update.addAllowedIPs.count else { continue }
            let surplus = old.allowedIPs.subtracting(peer.allowedIPs).subtracting(context.frozen.routes)
                .filter { !wanted.contains($0) }.sorted()
            if !surplus.isEmpty {
                let removal = PeerUpdate(node: peer.node, publicKey: peer.publicKey, removeAllowedIPs: surplus)
                departures.peers.append(.updatePeer(interface: device.interface, removal))
            }
        }
        let keys = Set(device.peers.map(\.publicKey))
        for old in before.values.filter({ !keys.contains($0.publicKey) }).sorted(by: { $0.publicKey < $1.publicKey }) {
            departures.peers.append(.removePeer(interface: device.interface, old))
        }
    }

    /// An endpoint is a hint for a silent peer: a fresh handshake proves the kernel's endpoint, roamed or not.
    private func endpointToWrite(
        _ peer: DesiredPeer, _ old: ObservedPeer, on device: DesiredDevice
    ) -> SocketAddress? {
        let candidates = endpoints(of: peer, listenPort: device.listenPort)
        if let standing = old.endpoint, candidates.contains(standing) { return nil }
        let isSilent = old.endpoint == nil || !context.clock.isFresh(old.latestHandshake)
        let isEdited = context.editedEndpoints.contains(
            TunnelPeer(interface: device.interface, publicKey: peer.publicKey))
        return isSilent || isEdited ? candidates.first : nil
    }

    /// Empty while the name does not resolve.
    private func endpoints(of peer: DesiredPeer, listenPort: UInt16) -> [SocketAddress] {
        guard let endpoint = peer.endpoint else { return [] }
        let addresses: [IPAddress] =
            switch endpoint.host {
            case .address(let address): [address]
            case .name(let name): context.resolved[name] ?? []
            }
        return addresses.map { SocketAddress(address: $0, port: endpoint.port ?? listenPort) }
    }
}

internal import HostState
internal import NetAddress

/// The changes of one device gathered into one configuration.
struct DevicePlan {
    let interface: String
    /// Where each change stood in the caller's list.
    var indices: [Int] = []
    var changes: [KernelChange] = []

    /// Gathers changes by device; devices in the order of their first change, changes in the caller's order.
    ///
    /// Changes that are not of a WireGuard device are left out.
    static func gather(_ changes: [KernelChange]) -> [DevicePlan] {
        var plans: [DevicePlan] = []
        for (index, change) in changes.enumerated() {
            guard let interface = change.wireGuardInterface else { continue }
            let position = plans.firstIndex { $0.interface == interface }
            if position == nil { plans.append(DevicePlan(interface: interface)) }
            let target = position ?? plans.count - 1
            plans[target].indices.append(index)
            plans[target].changes.append(change)
        }
        return plans
    }

    /// The one configuration that carries all of them.
    ///
    /// An allowed IP is taken away by moving it to `throwaway`, a peer that is removed in the same configuration:
    /// `REPLACE_ALLOWEDIPS` would leave the peer without any for a moment (docs/dataplane.md). One that another change
    /// of this plan adds is not taken away: the addition moves it.
    ///
    /// - Throws: `WireGuardError.keyMissing`, `.keyMismatch`.
    func configuration(key: PrivateKey?, throwaway: PublicKey) throws(WireGuardError) -> DeviceConfiguration {
        var configuration = DeviceConfiguration(interface: interface)
        var added: Set<CIDR> = []
        var removed: [CIDR] = []
        for change in changes {
            switch change {
            case .configureDevice(_, let publicKey, let listenPort, let fwmark):
                guard let key else { throw .keyMissing(interface: interface) }
                guard key.publicKey == publicKey else {
                    throw .keyMismatch(interface: interface, wanted: publicKey, given: key.publicKey)
                }
                configuration.privateKey = key
                configuration.listenPort = listenPort
                configuration.fwmark = fwmark
            case .addPeer(_, let peer, let endpoint):
                added.formUnion(peer.allowedIPs)
                configuration.peers.append(
                    PeerConfiguration(
                        .add, peer.publicKey, endpoint: endpoint, persistentKeepalive: peer.persistentKeepalive,
                        allowedIPs: peer.allowedIPs))
            case .updatePeer(_, let update):
                added.formUnion(update.addAllowedIPs)
                removed += update.removeAllowedIPs
                configuration.peers.append(
                    PeerConfiguration(
                        .update, update.publicKey, endpoint: update.endpoint,
                        persistentKeepalive: update.persistentKeepalive, allowedIPs: update.addAllowedIPs))
            case .removePeer(_, let peer):
                configuration.peers.append(PeerConfiguration(.remove, peer.publicKey))
            default: continue
            }
        }
        let orphans = removed.filter { !added.contains($0) }.sorted()
        if !orphans.isEmpty {
            configuration.peers.append(PeerConfiguration(.add, throwaway, allowedIPs: orphans))
            configuration.peers.append(PeerConfiguration(.remove, throwaway))
        }
        return configuration
    }
}

extension KernelChange {
    /// The device that a change of the WireGuard backend concerns; nil for a change of another backend.
    var wireGuardInterface: String? {
        switch self {
        case .configureDevice(let interface, _, _, _), .addPeer(let interface, _, _),
            .updatePeer(let interface, _), .removePeer(let interface, _):
            interface
        default: nil
        }
    }
}

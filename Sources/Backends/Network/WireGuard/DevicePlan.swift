internal import HostState
internal import NetAddress
internal import NetworkState

/// The changes of one device, combined into one configuration.
struct DevicePlan {
    let interface: String
    /// The index of each change in the caller's list.
    var indices: [Int] = []
    var changes: [KernelChange] = []

    /// Groups changes by device; devices in the order of their first change, changes in the caller's order.
    ///
    /// Changes that do not concern a WireGuard device are left out.
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

    /// Whether it removes an allowed IP that no other change of it adds.
    var takesAllowedIPsAway: Bool {
        let added = addedAllowedIPs
        return updates.contains { $0.removeAllowedIPs.contains { !added.contains($0) } }
    }

    private var updates: [PeerUpdate] {
        changes.compactMap { if case .updatePeer(_, let update) = $0 { update } else { nil } }
    }

    private var addedAllowedIPs: Set<CIDR> {
        changes.reduce(into: []) { added, change in
            switch change {
            case .addPeer(_, let peer, _): added.formUnion(peer.allowedIPs)
            case .updatePeer(_, let update): added.formUnion(update.addAllowedIPs)
            default: break
            }
        }
    }

    /// The configuration with all of the changes.
    ///
    /// An allowed IP is removed by a flag of its entry, or by moving it to `throwaway`, a peer that is removed in the
    /// same configuration: `REPLACE_ALLOWEDIPS` would leave the peer without any for a moment. One that another change
    /// of this plan adds is not removed: the addition moves it.
    ///
    /// - Parameter throwaway: nil where the device supports the flag.
    /// - Throws: `WireGuardError.keyMissing`, `.keyMismatch`, `.presharedKeyMissing`.
    func configuration(
        key: PrivateKey?, presharedKeys: PresharedKeys? = nil, throwaway: PublicKey?
    ) throws(WireGuardError) -> DeviceConfiguration {
        var configuration = DeviceConfiguration(interface: interface)
        configuration.presharedKeys = presharedKeys
        let added = addedAllowedIPs
        var orphans: [CIDR] = []
        for change in changes {
            switch change {
            case .configureDevice(_, let publicKey, let listenPort, let fwmark, before: _):
                guard let key else { throw .keyMissing(interface: interface) }
                guard key.publicKey == publicKey else {
                    throw .keyMismatch(interface: interface, wanted: publicKey, given: key.publicKey)
                }
                configuration.privateKey = key
                configuration.listenPort = listenPort
                configuration.fwmark = fwmark
            case .addPeer(_, let peer, let endpoint):
                let presharedKey = try peer.presharedKey.map { fingerprint throws(WireGuardError) in
                    try derived(fingerprint, for: peer.publicKey, by: presharedKeys)
                }
                configuration.peers.append(
                    PeerConfiguration(
                        .add, peer.publicKey, endpoint: endpoint, persistentKeepalive: peer.persistentKeepalive,
                        presharedKey: presharedKey, allowedIPs: peer.allowedIPs))
            case .updatePeer(_, let update):
                let removed = update.removeAllowedIPs.filter { !added.contains($0) }
                if throwaway != nil { orphans += removed }
                var presharedKey: PeerConfiguration.PresharedKey?
                switch update.presharedKey {
                case .set(let fingerprint)?:
                    presharedKey = try derived(fingerprint, for: update.publicKey, by: presharedKeys)
                case .clear?: presharedKey = PeerConfiguration.PresharedKey.none
                case nil: break
                }
                configuration.peers.append(
                    PeerConfiguration(
                        .update, update.publicKey, endpoint: update.endpoint,
                        persistentKeepalive: update.persistentKeepalive, presharedKey: presharedKey,
                        allowedIPs: update.addAllowedIPs,
                        removedAllowedIPs: throwaway == nil ? removed : []))
            case .removePeer(_, let peer):
                configuration.peers.append(PeerConfiguration(.remove, peer.publicKey))
            default: continue
            }
        }
        if let throwaway, !orphans.isEmpty {
            configuration.peers.append(PeerConfiguration(.add, throwaway, allowedIPs: orphans.sorted()))
            configuration.peers.append(PeerConfiguration(.remove, throwaway))
        }
        return configuration
    }

    /// Fails when the secret has changed since the change was computed.
    private func derived(
        _ fingerprint: KeyFingerprint, for peer: PublicKey, by presharedKeys: PresharedKeys?
    ) throws(WireGuardError) -> PeerConfiguration.PresharedKey {
        guard presharedKeys?.fingerprint(for: peer) == fingerprint else {
            throw .presharedKeyMissing(interface: interface)
        }
        return .derived
    }
}

extension KernelChange {
    /// The device that a change of the WireGuard backend concerns; nil for a change of another backend.
    var wireGuardInterface: String? {
        switch self {
        case .configureDevice(let interface, _, _, _, _), .addPeer(let interface, _, _),
            .updatePeer(let interface, _), .removePeer(let interface, _):
            interface
        default: nil
        }
    }
}

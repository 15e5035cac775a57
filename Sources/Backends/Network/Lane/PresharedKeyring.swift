internal import HostState
internal import Synchronization
internal import WireGuard

/// The secrets of the devices' preshared keys between an observation and its changes, by interface.
final class PresharedKeyring: Sendable {
    private let keys = Mutex<[String: PresharedKeys]>([:])

    var current: [String: PresharedKeys] {
        get { keys.withLock { $0 } }
        set { keys.withLock { $0 = newValue } }
    }
}

extension DesiredDevice {
    /// Sets the fingerprint of the preshared key that each peer must have.
    mutating func share(_ keys: [String: PresharedKeys]) {
        guard let keys = keys[interface] else { return }
        for index in peers.indices { peers[index].presharedKey = keys.fingerprint(for: peers[index].publicKey) }
    }
}

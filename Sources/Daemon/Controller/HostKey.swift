internal import NetAddress
internal import Resources
internal import Synchronization
internal import WireGuard

/// This host's private key: loaded at start, created once when this node's manifest has no public key yet.
final class HostKey: Sendable {
    private let store: KeyStore
    private let key = Mutex<PrivateKey?>(nil)

    init(store: KeyStore) { self.store = store }

    var current: PrivateKey? { key.withLock { $0 } }

    /// The public key, if the key exists and can be read; nil otherwise. Never creates one.
    func publicKey() -> PublicKey? {
        if let current { return current.publicKey }
        guard let loaded = try? store.load() else { return nil }
        key.withLock { $0 = loaded }
        return loaded.publicKey
    }

    /// The result of settling the key against the manifest.
    enum Settlement: Equatable {
        /// There was none, and one was created.
        case created
        case usable
        /// Nothing may be configured; the reason and its remedy.
        case unusable(String)
        /// No manifest names this node, so no key is made.
        case notWanted
    }

    /// Loads the key. Creates it if, and only if, the node is in the manifests without a public key (invariant I5).
    func settle(node: Node?, overridden: PublicKey?) -> Settlement {
        do {
            if current == nil, let loaded = try store.load() { key.withLock { $0 = loaded } }
            let wanted = overridden ?? node?.spec.publicKey
            if let current {
                guard let wanted, wanted != current.publicKey else { return .usable }
                return .unusable(
                    "the manifest's publicKey \(wanted) is not this host's, \(current.publicKey): "
                        + "put what `wgctl key show` prints into spec.publicKey")
            }
            guard node != nil else { return .notWanted }
            guard wanted == nil else {
                return .unusable(
                    "the manifest has a publicKey, but \(store.path) does not exist: restore the key file, "
                        + "or remove spec.publicKey to have a new key made")
            }
            let created = try store.create()
            key.withLock { $0 = created }
            return .created
        } catch {
            return .unusable("\(error)")
        }
    }
}

public import HostState
public import NetAddress

/// What differs in a peer that stands, and nothing else.
public struct PeerUpdate: Hashable, Sendable {
    /// The key itself is made by the backend, and never comes through here.
    public enum PresharedKey: Hashable, Sendable {
        case set(KeyFingerprint)
        case clear
    }

    public var node: String
    public var publicKey: PublicKey
    /// nil leaves it.
    public var endpoint: SocketAddress?
    /// nil leaves it.
    public var persistentKeepalive: UInt16?
    /// nil leaves it.
    public var presharedKey: PresharedKey?
    /// Added, or moved here from another peer of the device, sorted.
    public var addAllowedIPs: [CIDR]
    /// Taken away, because no peer of the device has them any more, sorted.
    public var removeAllowedIPs: [CIDR]

    public init(
        node: String, publicKey: PublicKey, endpoint: SocketAddress? = nil, persistentKeepalive: UInt16? = nil,
        presharedKey: PresharedKey? = nil, addAllowedIPs: [CIDR] = [], removeAllowedIPs: [CIDR] = []
    ) {
        self.node = node
        self.publicKey = publicKey
        self.endpoint = endpoint
        self.persistentKeepalive = persistentKeepalive
        self.presharedKey = presharedKey
        self.addAllowedIPs = addAllowedIPs
        self.removeAllowedIPs = removeAllowedIPs
    }

    public var isEmpty: Bool {
        endpoint == nil && persistentKeepalive == nil && presharedKey == nil && addAllowedIPs.isEmpty
            && removeAllowedIPs.isEmpty
    }
}

public import HostState
public import NetAddress

/// The differences of an existing peer, and nothing else.
public struct PeerUpdate: Hashable, Sendable {
    /// The backend makes the key itself, which never comes through here.
    public enum PresharedKey: Hashable, Sendable {
        case set(KeyFingerprint)
        case clear
    }

    public var node: String
    public var publicKey: PublicKey
    /// nil: unchanged.
    public var endpoint: SocketAddress?
    /// The one that `endpoint` replaces; nil when the peer had none.
    public var endpointBefore: SocketAddress?
    /// Whether the peer itself may have moved to the endpoint before: it has had a handshake, and WireGuard takes over
    /// the address that a peer sends from.
    public var mayHaveRoamed = false
    /// nil: unchanged.
    public var persistentKeepalive: UInt16?
    /// The one that `persistentKeepalive` replaces.
    public var persistentKeepaliveBefore: UInt16?
    /// nil: unchanged.
    public var presharedKey: PresharedKey?
    /// Added, or moved here from another peer of the device, sorted.
    public var addAllowedIPs: [CIDR]
    /// Removed, because no peer of the device has them any more, sorted.
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

    /// Whether nothing but the endpoint changes.
    public var isEndpointOnly: Bool {
        endpoint != nil && persistentKeepalive == nil && presharedKey == nil && addAllowedIPs.isEmpty
            && removeAllowedIPs.isEmpty
    }

    public var isEmpty: Bool {
        endpoint == nil && persistentKeepalive == nil && presharedKey == nil && addAllowedIPs.isEmpty
            && removeAllowedIPs.isEmpty
    }
}

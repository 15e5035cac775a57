public import NetAddress

/// What one configuration of a device carries: what is nil stays, and so does every peer that is not listed.
public struct DeviceConfiguration: Sendable {
    public var interface: String
    public var privateKey: PrivateKey?
    public var listenPort: UInt16?
    /// 0 turns the mark off.
    public var fwmark: UInt32?
    /// What the keys of `PeerConfiguration.PresharedKey.derived` are derived from.
    public var presharedKeys: PresharedKeys?
    /// Applied in this order.
    public var peers: [PeerConfiguration]

    public init(
        interface: String, privateKey: PrivateKey? = nil, listenPort: UInt16? = nil, fwmark: UInt32? = nil,
        peers: [PeerConfiguration] = []
    ) {
        self.interface = interface
        self.privateKey = privateKey
        self.listenPort = listenPort
        self.fwmark = fwmark
        self.peers = peers
    }
}

/// What one configuration says about one peer: what is nil or not listed stays as it is.
public struct PeerConfiguration: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        /// Adds the peer, or changes the one that stands.
        case add
        /// Changes a peer that stands, and does nothing when there is none.
        case update
        case remove
    }

    public enum PresharedKey: Hashable, Sendable {
        /// That of the pair, by `DeviceConfiguration.presharedKeys`.
        case derived
        case none
    }

    public var action: Action
    public var publicKey: PublicKey
    public var endpoint: SocketAddress?
    /// Seconds; 0 is off.
    public var persistentKeepalive: UInt16?
    public var presharedKey: PresharedKey?
    /// Added; one that another peer of the device has moves here in the same step.
    public var allowedIPs: [CIDR]
    /// Taken away after that, where `DeviceTransport.takesAllowedIPsAway`.
    public var removedAllowedIPs: [CIDR]

    public init(
        _ action: Action, _ publicKey: PublicKey, endpoint: SocketAddress? = nil, persistentKeepalive: UInt16? = nil,
        presharedKey: PresharedKey? = nil, allowedIPs: [CIDR] = [], removedAllowedIPs: [CIDR] = []
    ) {
        self.action = action
        self.publicKey = publicKey
        self.endpoint = endpoint
        self.persistentKeepalive = persistentKeepalive
        self.presharedKey = presharedKey
        self.allowedIPs = allowedIPs
        self.removedAllowedIPs = removedAllowedIPs
    }
}

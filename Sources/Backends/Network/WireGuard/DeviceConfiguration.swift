public import NetAddress

/// One configuration of a device: fields that are nil stay as they are, and so do peers that are not listed.
public struct DeviceConfiguration: Sendable {
    public var interface: String
    public var privateKey: PrivateKey?
    public var listenPort: UInt16?
    /// 0 turns the mark off.
    public var fwmark: UInt32?
    /// Derives the keys of `PeerConfiguration.PresharedKey.derived`.
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

/// One peer of a configuration: what is nil or not listed stays as it is.
public struct PeerConfiguration: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        /// Adds the peer, or changes an existing one.
        case add
        /// Changes an existing peer, and does nothing when there is none.
        case update
        case remove
    }

    public enum PresharedKey: Hashable, Sendable {
        /// The pair's own, derived by `DeviceConfiguration.presharedKeys`.
        case derived
        case none
    }

    public var action: Action
    public var publicKey: PublicKey
    public var endpoint: SocketAddress?
    /// Seconds; 0 is off.
    public var persistentKeepalive: UInt16?
    public var presharedKey: PresharedKey?
    /// To add; one that another peer of the device has moves here in the same step.
    public var allowedIPs: [CIDR]
    /// To remove after that, where `DeviceTransport.takesAllowedIPsAway`.
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

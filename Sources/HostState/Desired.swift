public import NetAddress

/// The desired state of one host, which the planner computes from all manifests. Every list is sorted.
public struct DesiredHost: Hashable, Sendable, Codable {
    /// The name of this host's own Node; nil when no manifest names it, so that nothing is desired.
    public var node: String?
    public var kernel: DesiredKernel
    public var podman: DesiredPodman
    /// nil when no table of ours is desired.
    public var firewall: DesiredFirewall?
    /// Objects that must not be changed. Overlays by their original name, which their marks carry.
    public var frozen: FrozenObjects
    /// The names that marks carry, for owners that manifests have renamed since.
    public var identities: Identities

    public init(
        node: String? = nil, kernel: DesiredKernel = .init(), podman: DesiredPodman = .init(),
        firewall: DesiredFirewall? = nil, frozen: FrozenObjects = .init(), identities: Identities = .init()
    ) {
        self.node = node
        self.kernel = kernel
        self.podman = podman
        self.firewall = firewall
        self.frozen = frozen
        self.identities = identities
    }
}

extension DesiredHost {
    /// `frozen` and `identities` may be left out, as may `node` and `firewall`.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            node: try fields.decodeIfPresent(String.self, forKey: .node),
            kernel: try fields.decode(DesiredKernel.self, forKey: .kernel),
            podman: try fields.decode(DesiredPodman.self, forKey: .podman),
            firewall: try fields.decodeIfPresent(DesiredFirewall.self, forKey: .firewall),
            frozen: try fields.decodeIfPresent(FrozenObjects.self, forKey: .frozen) ?? .init(),
            identities: try fields.decodeIfPresent(Identities.self, forKey: .identities) ?? .init())
    }
}

/// The desired state of rtnetlink, WireGuard and `/proc/sys`.
public struct DesiredKernel: Hashable, Sendable, Codable {
    public var links: [DesiredLink] = []
    public var addresses: [DesiredAddress] = []
    public var routes: [DesiredRoute] = []
    /// Proxy neighbour entries (`ip -6 neigh add proxy`), IPv6 only.
    public var proxyNeighbours: [ProxyNeighbour] = []
    public var sysctls: [DesiredSysctl] = []
    public var devices: [DesiredDevice] = []

    public init() {}
}

/// A network interface that we create and own. Key: `name`.
public struct DesiredLink: Hashable, Sendable, Codable {
    public enum Kind: Hashable, Sendable, Codable {
        case bridge
        /// A veth pair; `peer` is the name of the other end.
        case veth(peer: String)
        case wireguard(Implementation)
    }

    /// The implementation of a WireGuard interface. `auto` chooses the kernel's where it works; an existing interface
    /// keeps its backend.
    public enum Implementation: String, Hashable, Sendable, Codable { case auto, kernel, userspace }

    public var name: String
    public var kind: Kind
    /// Bytes; nil keeps the kernel's own.
    public var mtu: UInt32?
    public var macAddress: MACAddress?
    /// `IFLA_IFALIAS`, the mark of ownership: `wgctl:OVERLAY`.
    public var alias: String
    /// The name of the bridge that this link is a port of.
    public var master: String?

    public init(
        name: String, kind: Kind, mtu: UInt32? = nil, macAddress: MACAddress? = nil, alias: String,
        master: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.mtu = mtu
        self.macAddress = macAddress
        self.alias = alias
        self.master = master
    }
}

/// An address of an interface. Key: all of it.
public struct DesiredAddress: Hashable, Sendable, Codable {
    public var interface: String
    public var address: IPAddress
    /// Bits: 0 to 32, or 0 to 128.
    public var prefixLength: Int
    /// The Podman network that must exist before this address, because Podman refuses a subnet in which the host
    /// already has an address; nil when no such order is needed.
    public var after: String?

    public init(interface: String, address: IPAddress, prefixLength: Int, after: String? = nil) {
        self.interface = interface
        self.address = address
        self.prefixLength = prefixLength
        self.after = after
    }
}

/// A unicast route in the main table with `rtm_protocol` `OwnershipMark.routeProtocol`. Key: destination.
public struct DesiredRoute: Hashable, Sendable, Codable {
    public var destination: CIDR
    public var interface: String
    /// `RTA_PREFSRC`: this host's own overlay address.
    public var preferredSource: IPAddress?
    /// Bytes (`RTAX_MTU`); nil for the interface's.
    public var mtu: UInt32?

    public init(destination: CIDR, interface: String, preferredSource: IPAddress? = nil, mtu: UInt32? = nil) {
        self.destination = destination
        self.interface = interface
        self.preferredSource = preferredSource
        self.mtu = mtu
    }
}

/// `NTF_PROXY`: the host answers neighbour solicitations for `address` on `interface`.
public struct ProxyNeighbour: Hashable, Sendable, Codable {
    public var interface: String
    public var address: IPAddress

    public init(interface: String, address: IPAddress) {
        self.interface = interface
        self.address = address
    }
}

/// A kernel setting. Key: `key`.
public struct DesiredSysctl: Hashable, Sendable, Codable {
    /// The path below `/proc/sys`, with slashes: `net/ipv4/conf/br-wg0/proxy_arp`.
    public var key: String
    public var value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// The desired configuration of a WireGuard interface. Key: `interface`. Its peers are exactly these.
public struct DesiredDevice: Hashable, Sendable, Codable {
    public var interface: String
    /// The overlay that it belongs to.
    public var overlay: String
    public var listenPort: UInt16
    /// The mark of the packets that it sends on the underlay (`SO_MARK`), for routing rules and firewalls; 0 is off.
    public var fwmark: UInt32
    /// Our own key; nil when the host has none yet, so that nothing is configured.
    public var publicKey: PublicKey?
    /// The file of the secret from which the preshared keys are derived; nil when the peers have none.
    public var presharedKeyFile: String?
    /// The overlay's name in the derivation of preshared keys: its original name.
    public var presharedKeyName: String
    /// Sorted by public key.
    public var peers: [DesiredPeer]

    public init(
        interface: String, overlay: String, listenPort: UInt16, fwmark: UInt32 = 0, publicKey: PublicKey?,
        presharedKeyFile: String? = nil, presharedKeyName: String? = nil, peers: [DesiredPeer]
    ) {
        self.interface = interface
        self.overlay = overlay
        self.listenPort = listenPort
        self.fwmark = fwmark
        self.publicKey = publicKey
        self.presharedKeyFile = presharedKeyFile
        self.presharedKeyName = presharedKeyName ?? overlay
        self.peers = peers
    }
}

extension DesiredDevice {
    /// `fwmark` and `presharedKeyName` may be left out.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            interface: try fields.decode(String.self, forKey: .interface),
            overlay: try fields.decode(String.self, forKey: .overlay),
            listenPort: try fields.decode(UInt16.self, forKey: .listenPort),
            fwmark: try fields.decodeIfPresent(UInt32.self, forKey: .fwmark) ?? 0,
            publicKey: try fields.decodeIfPresent(PublicKey.self, forKey: .publicKey),
            presharedKeyFile: try fields.decodeIfPresent(String.self, forKey: .presharedKeyFile),
            presharedKeyName: try fields.decodeIfPresent(String.self, forKey: .presharedKeyName),
            peers: try fields.decode([DesiredPeer].self, forKey: .peers))
    }
}

/// A WireGuard peer. Key: `publicKey`.
public struct DesiredPeer: Hashable, Sendable, Codable {
    /// The Node that it represents.
    public var node: String
    public var publicKey: PublicKey
    /// A hint for a silent peer, with the port filled in; never written over a fresh handshake.
    public var endpoint: Endpoint?
    /// Seconds; 0 is off.
    public var persistentKeepalive: UInt16
    /// Filled in when the overlay's secret has been read, which no plan does; nil when it must have no preshared key.
    public var presharedKey: KeyFingerprint?
    /// Sorted, disjoint across the peers of a device.
    public var allowedIPs: [CIDR]
    /// The peer's own overlay addresses, which are probed.
    public var probeAddresses: [IPAddress]

    public init(
        node: String, publicKey: PublicKey, endpoint: Endpoint?, persistentKeepalive: UInt16,
        presharedKey: KeyFingerprint? = nil, allowedIPs: [CIDR], probeAddresses: [IPAddress]
    ) {
        self.node = node
        self.publicKey = publicKey
        self.endpoint = endpoint
        self.persistentKeepalive = persistentKeepalive
        self.presharedKey = presharedKey
        self.allowedIPs = allowedIPs
        self.probeAddresses = probeAddresses
    }
}

public import NetAddress

/// The observed kernel. Only what concerns us is read: our links, every link's name, routes of our protocol.
public struct ObservedKernel: Hashable, Sendable, Codable {
    /// By name.
    public var links: [String: ObservedLink] = [:]
    public var addresses: [ObservedAddress] = []
    /// The main table's routes with our protocol number, and any other to a destination that we may want.
    public var routes: [ObservedRoute] = []
    /// Routes of ours that packets do not take, of those that were looked up.
    public var shadows: [ObservedShadow] = []
    public var proxyNeighbours: Set<ProxyNeighbour> = []
    /// The requested keys; a key that does not exist is absent.
    public var sysctls: [String: String] = [:]
    /// By interface.
    public var devices: [String: ObservedDevice] = [:]

    public init() {}
}

extension ObservedKernel {
    /// `shadows` may be left out.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        links = try fields.decode([String: ObservedLink].self, forKey: .links)
        addresses = try fields.decode([ObservedAddress].self, forKey: .addresses)
        routes = try fields.decode([ObservedRoute].self, forKey: .routes)
        shadows = try fields.decodeIfPresent([ObservedShadow].self, forKey: .shadows) ?? []
        proxyNeighbours = try fields.decode(Set<ProxyNeighbour>.self, forKey: .proxyNeighbours)
        sysctls = try fields.decode([String: String].self, forKey: .sysctls)
        devices = try fields.decode([String: ObservedDevice].self, forKey: .devices)
    }
}

public struct ObservedLink: Hashable, Sendable, Codable {
    public var index: Int32
    public var name: String
    /// `IFLA_INFO_KIND`: `bridge`, `veth`, `wireguard`, `tun`; empty for hardware.
    public var kind: String
    /// Bytes.
    public var mtu: UInt32
    public var macAddress: MACAddress?
    /// `IFLA_IFALIAS`.
    public var alias: String?
    /// The name of the bridge that it is a port of.
    public var master: String?
    /// `IFF_UP`.
    public var isUp: Bool
    /// For a veth without a master whose other end is in another namespace: that end's address, if it was requested.
    public var peerMACAddress: MACAddress?

    public init(
        index: Int32, name: String, kind: String, mtu: UInt32, macAddress: MACAddress? = nil, alias: String? = nil,
        master: String? = nil, isUp: Bool, peerMACAddress: MACAddress? = nil
    ) {
        self.index = index
        self.name = name
        self.kind = kind
        self.mtu = mtu
        self.macAddress = macAddress
        self.alias = alias
        self.master = master
        self.isUp = isUp
        self.peerMACAddress = peerMACAddress
    }
}

public struct ObservedAddress: Hashable, Sendable, Codable {
    public var interface: String
    public var address: IPAddress
    public var prefixLength: Int
    /// `IFA_ADDRESS`, the far end of a point-to-point address; nil when it is the address itself.
    public var peer: IPAddress?
    /// `IFA_F_DADFAILED`.
    public var isDuplicate: Bool

    public init(
        interface: String, address: IPAddress, prefixLength: Int, peer: IPAddress? = nil, isDuplicate: Bool = false
    ) {
        self.interface = interface
        self.address = address
        self.prefixLength = prefixLength
        self.peer = peer
        self.isDuplicate = isDuplicate
    }
}

extension ObservedAddress: CustomStringConvertible {
    /// `10.0.0.1/24`, or `10.0.0.1 peer 10.0.0.10/32`, as iproute2 writes it.
    public var description: String { address.description + (peer.map { " peer \($0)" } ?? "") + "/\(prefixLength)" }

    /// Gives the same addresses always the same order.
    public static func order(_ a: ObservedAddress, _ b: ObservedAddress) -> Bool {
        guard (a.interface, a.address, a.prefixLength) == (b.interface, b.address, b.prefixLength) else {
            return (a.interface, a.address, a.prefixLength) < (b.interface, b.address, b.prefixLength)
        }
        return (a.peer ?? a.address) < (b.peer ?? b.address)
    }
}

public struct ObservedRoute: Hashable, Sendable, Codable {
    public var destination: CIDR
    /// nil for a route without one device (blackhole, multipath).
    public var interface: String?
    public var gateway: IPAddress?
    public var preferredSource: IPAddress?
    public var mtu: UInt32?
    /// `rtm_protocol`.
    public var protocolNumber: UInt8
    /// `RTA_PRIORITY`: 0 for IPv4's default, 1024 for IPv6's.
    public var metric: UInt32
    /// `rtm_tos`, nil for 0: only IPv4 packets of this type of service take it. To the kernel it is a different route
    /// from the one for all packets, and neither replaces the other.
    public var typeOfService: UInt8?

    public init(
        destination: CIDR, interface: String?, gateway: IPAddress? = nil, preferredSource: IPAddress? = nil,
        mtu: UInt32? = nil, protocolNumber: UInt8, metric: UInt32, typeOfService: UInt8? = nil
    ) {
        self.destination = destination
        self.interface = interface
        self.gateway = gateway
        self.preferredSource = preferredSource
        self.mtu = mtu
        self.protocolNumber = protocolNumber
        self.metric = metric
        self.typeOfService = typeOfService
    }

    /// Whether it has the place that the kernel would give a route of ours: for packets of every type of service, and
    /// with the `RTA_PRIORITY` that the kernel fills in, 0 for IPv4 and 1024 for IPv6 (`IP6_RT_PRIO_USER`).
    public var isInOurPlace: Bool { typeOfService == nil && metric == (destination.family == .v4 ? 0 : 1024) }
}

public struct ObservedDevice: Hashable, Sendable, Codable {
    public var interface: String
    /// `kernel` or `userspace`.
    public var backend: DesiredLink.Implementation
    /// nil when no private key is set.
    public var publicKey: PublicKey?
    public var listenPort: UInt16
    /// 0 is off.
    public var fwmark: UInt32
    public var peers: [PublicKey: ObservedPeer]

    public init(
        interface: String, backend: DesiredLink.Implementation, publicKey: PublicKey?, listenPort: UInt16,
        fwmark: UInt32 = 0,
        peers: [PublicKey: ObservedPeer] = [:]
    ) {
        self.interface = interface
        self.backend = backend
        self.publicKey = publicKey
        self.listenPort = listenPort
        self.fwmark = fwmark
        self.peers = peers
    }
}

extension ObservedDevice {
    /// `fwmark` may be left out.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            interface: try fields.decode(String.self, forKey: .interface),
            backend: try fields.decode(DesiredLink.Implementation.self, forKey: .backend),
            publicKey: try fields.decodeIfPresent(PublicKey.self, forKey: .publicKey),
            listenPort: try fields.decode(UInt16.self, forKey: .listenPort),
            fwmark: try fields.decodeIfPresent(UInt32.self, forKey: .fwmark) ?? 0,
            peers: try fields.decode([PublicKey: ObservedPeer].self, forKey: .peers))
    }
}

public struct ObservedPeer: Hashable, Sendable, Codable {
    public var publicKey: PublicKey
    public var endpoint: SocketAddress?
    /// Seconds; 0 is off.
    public var persistentKeepalive: UInt16
    /// nil when it has no preshared key.
    public var presharedKey: KeyFingerprint?
    public var allowedIPs: Set<CIDR>
    /// Seconds since the epoch; 0 when there was none.
    public var latestHandshake: Int64
    /// Bytes.
    public var receivedBytes: UInt64
    /// Bytes.
    public var transmittedBytes: UInt64

    public init(
        publicKey: PublicKey, endpoint: SocketAddress? = nil, persistentKeepalive: UInt16 = 0,
        presharedKey: KeyFingerprint? = nil, allowedIPs: Set<CIDR> = [], latestHandshake: Int64 = 0,
        receivedBytes: UInt64 = 0, transmittedBytes: UInt64 = 0
    ) {
        self.publicKey = publicKey
        self.endpoint = endpoint
        self.persistentKeepalive = persistentKeepalive
        self.presharedKey = presharedKey
        self.allowedIPs = allowedIPs
        self.latestHandshake = latestHandshake
        self.receivedBytes = receivedBytes
        self.transmittedBytes = transmittedBytes
    }
}

/// The observed Podman: every network and container by name, foreign ones included, to detect conflicts.
public struct ObservedPodman: Hashable, Sendable, Codable {
    public var networks: [String: ObservedNetwork] = [:]
    public var containers: [String: ObservedContainer] = [:]
    /// The requested images that are present, with their ids, by the requested reference.
    public var images: [String: String] = [:]
    /// The images that are being pulled now.
    public var pulling: Set<String> = []
    /// The containers that we are removing now, by id.
    public var removals: [String: ContainerRemoval] = [:]
    /// The ids of the containers that we are reconnecting to their network now.
    public var restoring: Set<String> = []
    /// The ids of the containers whose health check, which we run, has taken longer than its timeout.
    public var overdueChecks: Set<String> = []

    public init() {}
}

extension ObservedPodman {
    /// `removals`, `restoring` and `overdueChecks` may be left out.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        networks = try fields.decode([String: ObservedNetwork].self, forKey: .networks)
        containers = try fields.decode([String: ObservedContainer].self, forKey: .containers)
        images = try fields.decode([String: String].self, forKey: .images)
        pulling = try fields.decode(Set<String>.self, forKey: .pulling)
        removals = try fields.decodeIfPresent([String: ContainerRemoval].self, forKey: .removals) ?? [:]
        restoring = try fields.decodeIfPresent(Set<String>.self, forKey: .restoring) ?? []
        overdueChecks = try fields.decodeIfPresent(Set<String>.self, forKey: .overdueChecks) ?? []
    }
}

/// A container of ours that is being removed.
public struct ContainerRemoval: Hashable, Sendable, Codable {
    /// The name in the manifest.
    public var name: String
    /// Seconds that it has from SIGTERM to SIGKILL.
    public var timeout: Int

    public init(name: String, timeout: Int) {
        self.name = name
        self.timeout = timeout
    }
}

public struct ObservedNetwork: Hashable, Sendable, Codable {
    public var name: String
    /// Podman's id; the name if an older Podman reports none.
    public var id: String
    public var bridge: String
    public var subnets: [DesiredNetwork.Subnet]
    /// Bytes; nil when the network does not specify it.
    public var mtu: UInt32?
    public var isDNSEnabled: Bool
    public var labels: [String: String]
    /// The nonce of its seal; nil without a seal of this host for this very object.
    public var sealNonce: String?

    public init(
        name: String, id: String? = nil, bridge: String, subnets: [DesiredNetwork.Subnet], mtu: UInt32?,
        isDNSEnabled: Bool, labels: [String: String], sealNonce: String? = nil
    ) {
        self.name = name
        self.id = id ?? name
        self.sealNonce = sealNonce
        self.bridge = bridge
        self.subnets = subnets
        self.mtu = mtu
        self.isDNSEnabled = isDNSEnabled
        self.labels = labels
    }
}

extension ObservedNetwork {
    /// `id` may be left out.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try fields.decode(String.self, forKey: .name),
            id: try fields.decodeIfPresent(String.self, forKey: .id),
            bridge: try fields.decode(String.self, forKey: .bridge),
            subnets: try fields.decode([DesiredNetwork.Subnet].self, forKey: .subnets),
            mtu: try fields.decodeIfPresent(UInt32.self, forKey: .mtu),
            isDNSEnabled: try fields.decode(Bool.self, forKey: .isDNSEnabled),
            labels: try fields.decode([String: String].self, forKey: .labels),
            sealNonce: try fields.decodeIfPresent(String.self, forKey: .sealNonce))
    }
}

public struct ObservedContainer: Hashable, Sendable, Codable {
    /// Podman's states, as its API spells them.
    public enum State: String, Hashable, Sendable, Codable {
        case created, configured, initialized, running, paused, stopping, stopped, exited, restarting, removing, unknown
    }

    public var id: String
    public var name: String
    public var image: String
    public var state: State
    public var exitCode: Int32
    /// Seconds since the epoch; 0 when it never ran.
    public var startedAt: Int64
    public var restartCount: Int
    /// `healthy`, `unhealthy`, `starting`; nil without a health check.
    public var health: String?
    public var labels: [String: String]
    /// The addresses that it was created with, on any network, and those that it has now.
    public var addresses: Set<IPAddress>
    /// The addresses that it has now; nil when it does not run, or was not asked.
    public var liveAddresses: Set<IPAddress>?
    /// Seconds since the epoch when it last ended; nil when it never did, or that is unknown.
    public var endedAt: Int64?
    /// Its termination grace period in seconds; nil when Podman does not report it.
    public var stopTimeout: Int?
    /// The nonce of its seal; nil without a seal of this host for this very object.
    public var sealNonce: String?
    /// Whether Podman itself starts it again when it ends, as the containers of earlier releases; nil when unknown.
    public var isRestartedByPodman: Bool?
    /// nil without a health check, or when unknown.
    public var healthCheck: HealthCheck?

    /// How often a health check runs, and how long it may take.
    public struct HealthCheck: Hashable, Sendable, Codable {
        public var interval: Duration
        public var timeout: Duration

        public init(interval: Duration, timeout: Duration) {
            self.interval = interval
            self.timeout = timeout
        }
    }

    public init(
        id: String, name: String, image: String, state: State, exitCode: Int32 = 0, startedAt: Int64 = 0,
        restartCount: Int = 0, health: String? = nil, labels: [String: String] = [:], addresses: Set<IPAddress> = [],
        liveAddresses: Set<IPAddress>? = nil, endedAt: Int64? = nil, stopTimeout: Int? = nil, sealNonce: String? = nil
    ) {
        self.id = id
        self.name = name
        self.image = image
        self.state = state
        self.exitCode = exitCode
        self.startedAt = startedAt
        self.restartCount = restartCount
        self.health = health
        self.labels = labels
        self.addresses = addresses
        self.liveAddresses = liveAddresses
        self.endedAt = endedAt
        self.stopTimeout = stopTimeout
        self.sealNonce = sealNonce
    }

    /// Whether its processes use its addresses.
    public var isLive: Bool { [.running, .paused, .stopping, .restarting].contains(state) }
}

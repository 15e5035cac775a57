public import NetAddress

/// A flat virtual subnet across nodes. Mirrors `crds/overlays.yaml`.
public struct Overlay: Hashable, Sendable, Codable {
    public var metadata: Metadata
    public var spec: OverlaySpec

    public init(metadata: Metadata, spec: OverlaySpec) {
        self.metadata = metadata
        self.spec = spec
    }
}

public struct OverlaySpec: Hashable, Sendable, Codable {
    /// The secret that each pair's preshared key comes from, by reference.
    public struct PresharedKeys: Hashable, Sendable, Codable {
        public var file: String
        /// The name that keys are derived from; nil: the one that the overlay was made with.
        public var derivedFrom: String?

        public init(file: String, derivedFrom: String? = nil) {
            self.file = file
            self.derivedFrom = derivedFrom
        }
    }

    public struct WireGuard: Hashable, Sendable, Codable {
        public var interface: String
        public var listenPort: UInt16
        /// Bytes; nil: worked out from the underlay.
        public var mtu: UInt32?
        /// Seconds; nil: 25 on nodes without an endpoint, else off.
        public var persistentKeepalive: UInt16?
        /// The mark of the encrypted packets; 0 is off.
        public var fwmark: UInt32
        /// nil: none.
        public var presharedKeys: PresharedKeys?
        /// `Auto`, `Kernel`, `Userspace`.
        public var backend: String

        public init(
            interface: String = "wg0", listenPort: UInt16 = 51820, mtu: UInt32? = nil,
            persistentKeepalive: UInt16? = nil, fwmark: UInt32 = 0, presharedKeys: PresharedKeys? = nil,
            backend: String = "Auto"
        ) {
            self.interface = interface
            self.listenPort = listenPort
            self.mtu = mtu
            self.persistentKeepalive = persistentKeepalive
            self.fwmark = fwmark
            self.presharedKeys = presharedKeys
            self.backend = backend
        }
    }

    public struct Topology: Hashable, Sendable, Codable {
        /// `FullMesh`.
        public var type: String

        public init(type: String = "FullMesh") { self.type = type }
    }

    public struct Network: Hashable, Sendable, Codable {
        /// What Podman does not let a network be called.
        public static var reservedNames: Set<String> { ReservedNames.networks }

        /// nil: the overlay's name.
        public var name: String?
        public var dns: Bool

        public init(name: String? = nil, dns: Bool = false) {
            self.name = name
            self.dns = dns
        }
    }

    public var subnets: [CIDR]
    public var wireguard: WireGuard
    public var topology: Topology
    public var network: Network

    public init(
        subnets: [CIDR], wireguard: WireGuard = .init(), topology: Topology = .init(), network: Network = .init()
    ) {
        self.subnets = subnets
        self.wireguard = wireguard
        self.topology = topology
        self.network = network
    }
}

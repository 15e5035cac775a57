public import HostState
public import NetAddress

/// What wgctl has on this host, or will have once it runs.
public struct ExpectedHost: Hashable, Sendable {
    /// The interfaces of one overlay.
    public struct Tunnel: Hashable, Sendable {
        public var names: InterfaceNames
        public var listenPort: UInt16
        public var backend: DesiredLink.Implementation
        public var subnets: [CIDR]

        public init(
            names: InterfaceNames, listenPort: UInt16 = 51820, backend: DesiredLink.Implementation = .auto,
            subnets: [CIDR] = []
        ) {
            self.names = names
            self.listenPort = listenPort
            self.backend = backend
            self.subnets = subnets
        }
    }

    /// Sorted by interface.
    public var tunnels: [Tunnel]
    /// IPv6 routes to other hosts' addresses.
    public var routesIPv6: Int
    /// Why the tunnels are the defaults and not this host's own; nil when manifests name them.
    public var assumption: String?
    /// The key that the other hosts know this one by, and the Node that it is in.
    public struct Identity: Hashable, Sendable {
        public var node: String
        /// nil: its Node has none, and nothing stands in for it.
        public var publicKey: PublicKey?
        /// What has the key: `spec.publicKey`, or what stands in for it.
        public var source: String
        /// Whether other hosts are in its overlays.
        public var hasPeers: Bool

        public init(
            node: String, publicKey: PublicKey? = nil, source: String = "spec.publicKey", hasPeers: Bool = true
        ) {
            self.node = node
            self.publicKey = publicKey
            self.source = source
            self.hasPeers = hasPeers
        }
    }

    /// nil when no manifest is about this host.
    public var identity: Identity?
    /// That the host's name differs from its Node's, and what to do; nil when they are the same.
    public var nameChange: String?

    public init(tunnels: [Tunnel], routesIPv6: Int = 0, assumption: String? = nil) {
        self.tunnels = tunnels
        self.routesIPv6 = routesIPv6
        self.assumption = assumption
    }

    /// One overlay with every default.
    public static func defaults(because reason: String) -> ExpectedHost {
        ExpectedHost(tunnels: [Tunnel(names: InterfaceNames(wireguard: "wg0"))], assumption: reason)
    }

    /// What a plan contains.
    public init(_ desired: DesiredHost) {
        let kernel = desired.kernel
        let tunnels = kernel.devices.map { device in
            let names = InterfaceNames(wireguard: device.interface)
            var tunnel = Tunnel(names: names, listenPort: device.listenPort)
            if case .wireguard(let backend)? = kernel.links.first(where: { $0.name == device.interface })?.kind {
                tunnel.backend = backend
            }
            tunnel.subnets = kernel.addresses.filter { $0.interface == names.bridge }.map {
                CIDR(containing: $0.address, prefixLength: $0.prefixLength)
            }
            return tunnel
        }
        self.init(
            tunnels: tunnels.sorted { $0.names.wireguard < $1.names.wireguard },
            routesIPv6: kernel.routes.count { $0.destination.family == .v6 })
    }

    /// The names of all our interfaces.
    var interfaces: [String] { tunnels.flatMap(\.names.all) }

    var hasIPv6: Bool { tunnels.contains { $0.subnets.contains { $0.family == .v6 } } }
}

extension InterfaceNames {
    var all: [String] { [wireguard, bridge, anchor, anchorPeer] }
}

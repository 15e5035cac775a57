public import NetAddress

/// Every path that begins on this host, and from where to probe it: what `wgctl check` asks for. Sorted by name.
public struct PathList: Hashable, Sendable, Codable {
    /// An overlay that this host is part of.
    public struct Overlay: Hashable, Sendable, Codable {
        public var name: String
        public var interface: String
        public var listenPort: UInt16
        /// This host's own.
        public var addresses: [IPAddress]

        public init(name: String, interface: String, listenPort: UInt16, addresses: [IPAddress]) {
            self.name = name
            self.interface = interface
            self.listenPort = listenPort
            self.addresses = addresses
        }
    }

    /// Another node in one overlay.
    public struct Peer: Hashable, Sendable, Codable {
        public var node: String
        public var overlay: String
        /// From its manifest, `HOST:PORT`; nil when it has none and dials.
        public var endpoint: String?
        /// Its own in the overlay.
        public var addresses: [IPAddress]
        /// Those that are to run there, with addresses in the overlay.
        public var containers: [Container]
        /// Why neither side can dial the other; nil when one can.
        public var noPath: String?
        /// Why no host can have it as a peer: its public key is not known; nil when it is.
        public var keyMissing: String?

        public init(
            node: String, overlay: String, endpoint: String? = nil, addresses: [IPAddress],
            containers: [Container] = [], noPath: String? = nil, keyMissing: String? = nil
        ) {
            self.node = node
            self.overlay = overlay
            self.endpoint = endpoint
            self.addresses = addresses
            self.containers = containers
            self.noPath = noPath
            self.keyMissing = keyMissing
        }
    }

    public struct Container: Hashable, Sendable, Codable {
        public var name: String
        /// In the overlay.
        public var addresses: [IPAddress]

        public init(name: String, addresses: [IPAddress]) {
            self.name = name
            self.addresses = addresses
        }
    }

    /// A running container of this host on one overlay.
    public struct Origin: Hashable, Sendable, Codable {
        public var container: String
        public var overlay: String
        /// Its own in the overlay.
        public var addresses: [IPAddress]
        /// The file of its network namespace, as the host sees it.
        public var networkNamespace: String

        public init(container: String, overlay: String, addresses: [IPAddress], networkNamespace: String) {
            self.container = container
            self.overlay = overlay
            self.addresses = addresses
            self.networkNamespace = networkNamespace
        }
    }

    /// A container of this host that is to run on overlays, and from which nothing can be probed.
    public struct Unprobed: Hashable, Sendable, Codable {
        public var container: String
        public var overlays: [String]
        /// `does not run`
        public var reason: String

        public init(container: String, overlays: [String], reason: String) {
            self.container = container
            self.overlays = overlays
            self.reason = reason
        }
    }

    /// The Node that this host is.
    public var node: String
    public var overlays: [Overlay]
    public var peers: [Peer]
    public var origins: [Origin]
    /// nil from a daemon that has them among `remarks`.
    public var unprobed: [Unprobed]?
    /// What keeps whole overlays from being set up on this host, a line each.
    public var problems: [String]
    /// Why this is not the whole picture, a line each: containers that have completed.
    public var remarks: [String]

    public init(
        node: String, overlays: [Overlay] = [], peers: [Peer] = [], origins: [Origin] = [],
        unprobed: [Unprobed]? = nil, problems: [String] = [], remarks: [String] = []
    ) {
        self.node = node
        self.overlays = overlays
        self.peers = peers
        self.origins = origins
        self.unprobed = unprobed
        self.problems = problems
        self.remarks = remarks
    }
}

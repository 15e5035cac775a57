public import Resources

/// What `/metrics` tells: counts, which are taken without making a report of everything that they count.
public struct HostMetrics: Hashable, Sendable {
    /// Resources or this host's containers that are counted together.
    public struct Group: Hashable, Sendable, Comparable {
        /// `Node`, `Overlay`, `Gateway` or `Container`.
        public var kind: String
        /// Of the Ready condition.
        public var ready: Condition.Status

        public init(kind: String, ready: Condition.Status) {
            self.kind = kind
            self.ready = ready
        }

        public static func < (a: Group, b: Group) -> Bool {
            (a.kind, a.ready.rawValue) < (b.kind, b.ready.rawValue)
        }
    }

    public struct Peer: Hashable, Sendable {
        public var node: String
        public var overlay: String
        public var receivedBytes: UInt64
        public var transmittedBytes: UInt64
        /// As `get peers` shows it.
        public var ready = Condition.Status.unknown
        /// Seconds since the epoch; nil when there was none.
        public var latestHandshake: Int64?
        /// Seconds, of the last probe; nil when nobody answered it.
        public var roundTrip: Double?
        /// Seconds since the epoch; nil before the first one.
        public var lastProbe: Double?
        /// Probes since the peer appeared, and those of them without a reply.
        public var probes = 0
        public var lostProbes = 0

        public init(node: String, overlay: String, receivedBytes: UInt64, transmittedBytes: UInt64) {
            self.node = node
            self.overlay = overlay
            self.receivedBytes = receivedBytes
            self.transmittedBytes = transmittedBytes
        }
    }

    /// A container of this host that exists.
    public struct Container: Hashable, Sendable {
        public var name: String
        public var restarts: Int

        public init(name: String, restarts: Int) {
            self.name = name
            self.restarts = restarts
        }
    }

    public var summary: StatusSummary
    public var resources: [Group: Int]
    /// Sorted by overlay and node.
    public var peers: [Peer]
    /// Sorted by name.
    public var containers: [Container]

    public init(
        summary: StatusSummary, resources: [Group: Int] = [:], peers: [Peer] = [], containers: [Container] = []
    ) {
        self.summary = summary
        self.resources = resources
        self.peers = peers
        self.containers = containers
    }
}

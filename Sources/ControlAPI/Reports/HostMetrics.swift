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

        public init(node: String, overlay: String, receivedBytes: UInt64, transmittedBytes: UInt64) {
            self.node = node
            self.overlay = overlay
            self.receivedBytes = receivedBytes
            self.transmittedBytes = transmittedBytes
        }
    }

    public var summary: StatusSummary
    public var resources: [Group: Int]
    /// Sorted by overlay and node.
    public var peers: [Peer]

    public init(summary: StatusSummary, resources: [Group: Int] = [:], peers: [Peer] = []) {
        self.summary = summary
        self.resources = resources
        self.peers = peers
    }
}

/// The counters of every peer of this host at one moment, sorted by overlay and node.
public struct TrafficReport: Hashable, Sendable, Codable {
    public struct Peer: Hashable, Sendable, Codable {
        public var node: String
        public var overlay: String
        public var interface: String
        /// `ADDRESS:PORT` as the device has it; nil when it knows none.
        public var endpoint: String?
        /// Seconds since the epoch; nil when there was none.
        public var latestHandshake: Int64?
        public var receivedBytes: UInt64
        public var transmittedBytes: UInt64

        public init(
            node: String, overlay: String, interface: String, endpoint: String? = nil, latestHandshake: Int64? = nil,
            receivedBytes: UInt64 = 0, transmittedBytes: UInt64 = 0
        ) {
            self.node = node
            self.overlay = overlay
            self.interface = interface
            self.endpoint = endpoint
            self.latestHandshake = latestHandshake
            self.receivedBytes = receivedBytes
            self.transmittedBytes = transmittedBytes
        }
    }

    /// The Node that this host is.
    public var node: String
    /// When the devices were read: seconds since the epoch, with fractions, so that rates can be worked out.
    public var readAt: Double
    public var peers: [Peer]
    /// Devices that could not be read, and why, a line each.
    public var errors: [String]

    public init(node: String, readAt: Double, peers: [Peer] = [], errors: [String] = []) {
        self.node = node
        self.readAt = readAt
        self.peers = peers
        self.errors = errors
    }
}

public import NetAddress

/// A destination of ours whose packets do not take our route on this host: a rule (ip-rule(8)) or a better foreign
/// route comes first.
public struct ObservedShadow: Hashable, Sendable, Codable {
    public var destination: CIDR
    /// The interface of our route.
    public var interface: String
    /// The path that they take instead; nil when they are dropped.
    public var instead: Way?

    public struct Way: Hashable, Sendable, Codable {
        /// nil for a route without one device.
        public var interface: String?
        /// The number of the routing table with that path.
        public var table: UInt32

        public init(interface: String?, table: UInt32) {
            self.interface = interface
            self.table = table
        }
    }

    public init(destination: CIDR, interface: String, instead: Way?) {
        self.destination = destination
        self.interface = interface
        self.instead = instead
    }
}

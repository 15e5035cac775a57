public import NetAddress

/// A destination of ours that packets of this host do not take our route to: a rule (ip-rule(8)) or a better route of
/// somebody else comes first.
public struct ObservedShadow: Hashable, Sendable, Codable {
    public var destination: CIDR
    /// The interface of our route.
    public var interface: String
    /// Where they go instead; nil when they are dropped.
    public var instead: Way?

    public struct Way: Hashable, Sendable, Codable {
        /// nil for a route without one device.
        public var interface: String?
        /// The number of the routing table that says so.
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

public import NetAddress

/// The desired state of our own nftables table, `inet wgctl`.
public struct DesiredFirewall: Hashable, Sendable, Codable {
    /// The name of the table, in the family `inet`: ours alone.
    public static let table = "wgctl"

    /// The interfaces on which forwarded TCP connections, in and out, get a segment size (MSS) that fits the routes
    /// both ways. Sorted.
    public var clampedInterfaces: [String]

    public init(clampedInterfaces: [String]) {
        self.clampedInterfaces = clampedInterfaces
    }
}

/// Our part of nftables, and whether Podman's rules that our containers need exist.
public struct ObservedFirewall: Hashable, Sendable, Codable {
    public struct Table: Hashable, Sendable, Codable {
        /// The interfaces with both rules as we write them. Sorted.
        public var clampedInterfaces: [String]
        /// Everything else in it, in words, sorted: `a rule in chain forward`.
        public var strangers: [String]
        /// Whether a rule carries our mark, `OwnershipMark.ruleComment`.
        public var isMarked: Bool

        public init(clampedInterfaces: [String] = [], strangers: [String] = [], isMarked: Bool = false) {
            self.clampedInterfaces = clampedInterfaces
            self.strangers = strangers
            self.isMarked = isMarked
        }
    }

    /// nil when no table `inet wgctl` exists.
    public var table: Table?
    /// Of the requested subnets, those that Podman's rules do not let through.
    public var subnetsWithoutRules: [CIDR]

    public init(table: Table? = nil, subnetsWithoutRules: [CIDR] = []) {
        self.table = table
        self.subnetsWithoutRules = subnetsWithoutRules
    }
}

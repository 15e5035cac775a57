public import NetAddress

/// What our own nftables table, `inet wgctl`, must hold.
public struct DesiredFirewall: Hashable, Sendable, Codable {
    /// The name of the table, in the family `inet`: ours alone.
    public static let table = "wgctl"

    /// The interfaces out of which and into which TCP connections are forwarded with a segment size (MSS) that fits
    /// the routes both ways. Sorted.
    public var clampedInterfaces: [String]

    public init(clampedInterfaces: [String]) {
        self.clampedInterfaces = clampedInterfaces
    }
}

/// What nftables has of ours, and whether Podman's rules stand that our containers need.
public struct ObservedFirewall: Hashable, Sendable, Codable {
    public struct Table: Hashable, Sendable, Codable {
        /// The interfaces with both rules as we write them. Sorted.
        public var clampedInterfaces: [String]
        /// What else is in it, in words, sorted: `a rule in chain forward`.
        public var strangers: [String]
        /// Whether a rule carries our mark, `OwnershipMark.ruleComment`.
        public var isMarked: Bool

        public init(clampedInterfaces: [String] = [], strangers: [String] = [], isMarked: Bool = false) {
            self.clampedInterfaces = clampedInterfaces
            self.strangers = strangers
            self.isMarked = isMarked
        }
    }

    /// nil when there is no table `inet wgctl`.
    public var table: Table?
    /// Of the subnets that were asked about, those that Podman's rules do not let through.
    public var subnetsWithoutRules: [CIDR]

    public init(table: Table? = nil, subnetsWithoutRules: [CIDR] = []) {
        self.table = table
        self.subnetsWithoutRules = subnetsWithoutRules
    }
}

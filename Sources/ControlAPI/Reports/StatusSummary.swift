public import Resources

/// What `wgctl status` shows: the daemon, and what an operator must not miss. Small, however large the fleet is.
public struct StatusSummary: Hashable, Sendable, Codable {
    /// A document that is not live as it is written.
    public struct Refusal: Hashable, Sendable, Codable {
        public var key: ResourceKey
        /// Every mistake, one a line.
        public var message: String

        /// That of the condition; nil from an older daemon.
        public var reason: String?

        public init(key: ResourceKey, message: String, reason: String? = nil) {
            self.key = key
            self.message = message
            self.reason = reason
        }
    }

    /// The Node that this host is.
    public var node: String
    public var daemon: DaemonStatus
    /// As in `StatusReport`.
    public var fileErrors: [String]
    /// Nodes, then overlays, then gateways, each by name; without those whose deletion is held, which the daemon's
    /// warnings tell once for all.
    public var refused: [Refusal]
    public var counters: Counters

    public init(
        node: String, daemon: DaemonStatus, fileErrors: [String] = [], refused: [Refusal] = [],
        counters: Counters = .init()
    ) {
        self.node = node
        self.daemon = daemon
        self.fileErrors = fileErrors
        self.refused = refused
        self.counters = counters
    }
}

extension StatusReport {
    /// What of it `wgctl status` shows.
    public var summary: StatusSummary {
        let refused = (nodes + overlays + gateways).compactMap { resource -> StatusSummary.Refusal? in
            guard let accepted = resource.status.conditions.first(where: { $0.type == .accepted }),
                accepted.status == .false, accepted.reason != Reason.pruneBlocked
            else { return nil }
            return StatusSummary.Refusal(key: resource.key, message: accepted.message, reason: accepted.reason)
        }
        return StatusSummary(node: node, daemon: daemon, fileErrors: fileErrors, refused: refused, counters: counters)
    }
}

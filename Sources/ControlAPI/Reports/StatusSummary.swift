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
    /// The Git commit that the manifest directory is at, where it is a checkout or a revision of one; nil while paused.
    public var commit: String?
    /// Peers of this host, and its own containers; nil from an older daemon.
    public var peers: ReadyCount?
    public var containers: ReadyCount?

    /// How many of how many are Ready.
    public struct ReadyCount: Hashable, Sendable, Codable {
        public var ready: Int
        public var total: Int

        public init(_ statuses: [Condition.Status]) {
            ready = statuses.count { $0 == .true }
            total = statuses.count
        }
    }

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
        var summary = StatusSummary(
            node: node, daemon: daemon, fileErrors: fileErrors, refused: refused, counters: counters)
        summary.peers = .init(peers.map(\.ready))
        summary.containers = .init(
            containers.filter(\.isLocal).map { $0.conditions.first { $0.type == .ready }?.status ?? .unknown })
        return summary
    }
}

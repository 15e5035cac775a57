/// How much one change of the manifests may delete without an operator's word.
public struct PruneLimits: Hashable, Sendable {
    /// Per cent of the live resources and containers; more is held. 100 switches this limit off.
    public var percent: Int
    /// Fewer deletions than this are never too many, whatever their share.
    public var count: Int

    public init(percent: Int = 30, count: Int = 5) {
        self.percent = percent
        self.count = count
    }

    /// Whether `deleted` of `live` are too many.
    func isExceeded(by deleted: Int, of live: Int) -> Bool {
        deleted >= count && deleted * 100 > live * percent
    }
}

/// Who decides on deletions: this host, its limits, and what an operator has confirmed.
public struct PruneRequest: Sendable {
    /// This host's own Node.
    public var node: String
    public var limits: PruneLimits
    public var confirmed: Set<Deletion>

    public init(node: String, limits: PruneLimits = .init(), confirmed: Set<Deletion> = []) {
        self.node = node
        self.limits = limits
        self.confirmed = confirmed
    }
}

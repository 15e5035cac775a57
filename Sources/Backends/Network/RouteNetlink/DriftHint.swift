public import HostState

/// Somebody else changed the kernel's tables: observe again.
public struct DriftHint: Hashable, Sendable {
    /// How many changes are listed one by one.
    private static let limit = 8

    /// What was seen, oldest first, without repetitions; the first 8: `route 10.0.0.20/32 of wg0 deleted`.
    public private(set) var changes: [String] = []
    /// Changes beyond those.
    public private(set) var more = 0
    /// The kernel lost notifications (`ENOBUFS`).
    public var isOverflow = false
    /// Whether anything changed but foreign routes to destinations where we want no route.
    public var isOfConcern: Bool { isOverflow || hasConcern }
    private var hasConcern = false

    /// Our routes that were deleted; beyond 64 they are not listed.
    private var deletedRoutes: Set<ObservedRoute> = []
    private static let deletedRoutesLimit = 64
    /// Whether anything else changed.
    private var isMore = false

    public init() {}

    /// Our routes that were deleted, when nothing else happened; nil when an observation is needed.
    public var routesToRestore: Set<ObservedRoute>? {
        isMore || isOverflow || deletedRoutes.isEmpty || deletedRoutes.count > DriftHint.deletedRoutesLimit
            ? nil : deletedRoutes
    }

    /// For the text of an event: `route 10.0.0.20/32 of wg0 deleted; link br0 changed; 3 more changes`.
    public var summary: String {
        var parts = changes
        if more > 0 { parts.append("\(more) more change" + (more == 1 ? "" : "s")) }
        if isOverflow { parts.append("more changed than the kernel could tell") }
        return parts.joined(separator: "; ")
    }

    var isEmpty: Bool { changes.isEmpty && !isOverflow }

    /// - Parameter isOfConcern: whether it can affect our routes.
    mutating func add(_ notice: Notice, isOfConcern: Bool = true) {
        add(notice.text, isOfConcern: isOfConcern)
        if let route = notice.deletedRoute, deletedRoutes.count <= DriftHint.deletedRoutesLimit {
            deletedRoutes.insert(route)
        } else if notice.deletedRoute == nil {
            isMore = true
        }
    }

    private mutating func add(_ change: String, isOfConcern: Bool) {
        if isOfConcern { hasConcern = true }
        if changes.contains(change) { return }
        if changes.count < DriftHint.limit { changes.append(change) } else { more += 1 }
    }

    func followed(by newer: DriftHint) -> DriftHint {
        var both = self
        for change in newer.changes { both.add(change, isOfConcern: newer.hasConcern) }
        both.more += newer.more
        for route in newer.deletedRoutes where both.deletedRoutes.count <= DriftHint.deletedRoutesLimit {
            both.deletedRoutes.insert(route)
        }
        both.isMore = isMore || newer.isMore
        both.isOverflow = isOverflow || newer.isOverflow
        return both
    }
}

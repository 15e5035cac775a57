/// That somebody else changed the kernel's tables: look again.
public struct DriftHint: Hashable, Sendable {
    /// How many changes are told one by one.
    private static let limit = 8

    /// What was seen, oldest first, without repetitions; the first 8: `route 10.0.0.20/32 of wg0 deleted`.
    public private(set) var changes: [String] = []
    /// Changes beyond those.
    public private(set) var more = 0
    /// The kernel could not tell all (`ENOBUFS`).
    public var isOverflow = false
    /// Whether more changed than foreign routes to where no route of ours is wanted.
    public var isOfConcern: Bool { isOverflow || hasConcern }
    private var hasConcern = false

    public init() {}

    /// For the text of an event: `route 10.0.0.20/32 of wg0 deleted; link br0 changed; 3 more changes`.
    public var summary: String {
        var parts = changes
        if more > 0 { parts.append("\(more) more change" + (more == 1 ? "" : "s")) }
        if isOverflow { parts.append("more changed than the kernel could tell") }
        return parts.joined(separator: "; ")
    }

    var isEmpty: Bool { changes.isEmpty && !isOverflow }

    mutating func add(_ change: String, isOfConcern: Bool = true) {
        if isOfConcern { hasConcern = true }
        if changes.contains(change) { return }
        if changes.count < DriftHint.limit { changes.append(change) } else { more += 1 }
    }

    func followed(by newer: DriftHint) -> DriftHint {
        var both = self
        for change in newer.changes { both.add(change, isOfConcern: newer.hasConcern) }
        both.more += newer.more
        both.isOverflow = isOverflow || newer.isOverflow
        return both
    }
}

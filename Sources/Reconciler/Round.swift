public import Convergence

/// One observe → diff → apply of a lane.
public struct Round<Observed: Sendable, Change: HostChange>: Sendable {
    /// What was seen before anything was changed; nil when observing failed.
    public var observed: Observed?
    /// Why observing failed.
    public var observeError: String?
    public var changeSet: ChangeSet<Change>
    public var outcomes: [Outcome<Change>]
    /// What failed before and is not tried again yet, each with the error that it failed with.
    public var failing: [Outcome<Change>] = []
    /// What woke the lane, for the text of events.
    public var causes: [String]
    /// Whether nothing that was wanted had changed since the lane last converged: the world drifted.
    public var isDrift = false
    /// Repairs that were undone again and again: a rival is at work.
    public var contested: [ContestedRepair<Change>] = []

    /// Whether the lane is where it wants to be, as read back.
    public var isConverged: Bool {
        observed != nil && outcomes.isEmpty && failing.isEmpty && changeSet.changes.isEmpty
    }

    /// What is left to do and was not tried, each with why.
    public var untried: [Outcome<Change>] { failing + changeSet.waiting.map { Outcome($0.change, error: $0.reason) } }

    public var hasFailed: Bool { observed == nil || outcomes.contains { $0.error != nil } }
}

/// Versions of everything that a lane compares its observation with.
public struct Revision: Hashable, Sendable {
    /// Goes up when what is wanted changes.
    public var wanted: Int
    /// Goes up when another lane saw something that this one looks at.
    public var neighbours: Int

    public init(wanted: Int, neighbours: Int = 0) {
        self.wanted = wanted
        self.neighbours = neighbours
    }
}

/// One backend, or several that are ordered as one, converged on its own schedule.
public protocol Backend: Sendable {
    associatedtype Observed: Sendable
    associatedtype Change: HostChange

    /// What this observation was compared with: work found at the same revision is drift.
    func revision(of observed: Observed) -> Revision

    /// Reads what there is, with what is wanted at that moment: both are one picture. Bounded in time by the backend itself.
    func observe() async throws -> Observed

    /// Compares with what is wanted. Pure over the values at hand.
    func changes(from observed: Observed) async -> ChangeSet<Change>

    /// Applies in order, goes on past a failure, and says what became of each.
    func apply(_ changes: [Change]) async -> [Outcome<Change>]

    /// Told after each round, the last one of a wake-up being the read-back.
    func finished(_ round: Round<Observed, Change>) async

    /// When something that the last round held back may be done, so that the lane looks again by itself; nil: nothing.
    func nextDue() -> ContinuousClock.Instant?

    /// What a change of an earlier round still goes on with; its outcome is told to `Lane.note`.
    func underWay() async -> Set<Change.Object>
}

extension Backend {
    public func nextDue() -> ContinuousClock.Instant? { nil }

    public func underWay() async -> Set<Change.Object> { [] }
}

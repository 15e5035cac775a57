public import Convergence

/// One observe → diff → apply of a lane.
public struct Round<Observed: Sendable, Change: HostChange>: Sendable {
    /// The observation before any change; nil when observing failed.
    public var observed: Observed?
    /// The facts that it was compared in.
    public var facts: Facts
    /// Why observing failed.
    public var observeError: String?
    public var changeSet: ChangeSet<Change>
    public var outcomes: [Outcome<Change>]
    /// Changes that failed before and are not retried yet, each with its error.
    public var failing: [Outcome<Change>] = []
    /// Failures after their round that are still to be done and have no newer outcome.
    public var late: [Outcome<Change>] = []
    /// What woke the lane, for the text of events.
    public var causes: [String]
    /// Whether the host drifted: the desired state is the same as when the lane last converged.
    public var isDrift = false
    /// Whether permanent deletions are postponed, because no records exist of what was here before.
    public var isSparing = false
    /// Whether these are changes of a part, applied without an observation.
    public var isPart = false
    /// Repairs that are undone repeatedly by a rival.
    public var contested: [ContestedRepair<Change>] = []

    public init(
        observed: Observed?, facts: Facts = Facts(), observeError: String? = nil,
        changeSet: ChangeSet<Change> = ChangeSet(), outcomes: [Outcome<Change>] = [], causes: [String] = []
    ) {
        self.observed = observed
        self.facts = facts
        self.observeError = observeError
        self.changeSet = changeSet
        self.outcomes = outcomes
        self.causes = causes
    }

    /// Whether the lane has converged, according to the read-back.
    public var isConverged: Bool {
        observed != nil && outcomes.isEmpty && failing.isEmpty && changeSet.changes.isEmpty
    }

    /// The changes that were not tried, each with the reason.
    public var untried: [Outcome<Change>] {
        failing + changeSet.waiting.map { Outcome($0.change, error: $0.reason) }
    }

    public var hasFailed: Bool { observed == nil || outcomes.contains { $0.error != nil } }
}

/// Versions of everything that a lane compares its observation with.
public struct Revision: Hashable, Sendable {
    /// Increases when the desired state changes.
    public var wanted: Int
    /// Increases when another lane observed something that this one depends on.
    public var neighbours: Int

    public init(wanted: Int, neighbours: Int = 0) {
        self.wanted = wanted
        self.neighbours = neighbours
    }
}

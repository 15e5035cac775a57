public import Convergence

/// One observe → diff → apply of a lane.
public struct Round<Observed: Sendable, Change: HostChange>: Sendable {
    /// What was observed before anything was changed; nil when observing failed.
    public var observed: Observed?
    /// The picture that it was compared in.
    public var facts: Facts
    /// Why observing failed.
    public var observeError: String?
    public var changeSet: ChangeSet<Change>
    public var outcomes: [Outcome<Change>]
    /// What failed before and is not tried again yet, each with the error that it failed with.
    public var failing: [Outcome<Change>] = []
    /// What failed after its round, is still to be done, and has no other outcome yet.
    public var late: [Outcome<Change>] = []
    /// What woke the lane, for the text of events.
    public var causes: [String]
    /// Whether nothing that was wanted had changed since the lane last converged: the host drifted.
    public var isDrift = false
    /// Whether nothing is deleted for good, as there are no records of what was here before.
    public var isSparing = false
    /// Whether these are changes of a part, made without an observation.
    public var isPart = false
    /// Repairs that were undone again and again: a rival is at work.
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

    /// Whether the lane is where it wants to be, as read back.
    public var isConverged: Bool {
        observed != nil && outcomes.isEmpty && failing.isEmpty && changeSet.changes.isEmpty
    }

    /// What is left to do and was not tried, each with why.
    public var untried: [Outcome<Change>] {
        failing + changeSet.waiting.map { Outcome($0.change, error: $0.reason) }
    }

    public var hasFailed: Bool { observed == nil || outcomes.contains { $0.error != nil } }
}

/// Versions of everything that a lane compares its observation with.
public struct Revision: Hashable, Sendable {
    /// Goes up when what is wanted changes.
    public var wanted: Int
    /// Goes up when another lane observed something that this one depends on.
    public var neighbours: Int

    public init(wanted: Int, neighbours: Int = 0) {
        self.wanted = wanted
        self.neighbours = neighbours
    }
}

public import Convergence

/// Slows down changes that fail continuously, whatever wakes the lane (fault 58 of docs/reliability.md).
///
/// A failing change can itself make the kernel or Podman notify, or wake another lane, so that its lane would retry at
/// once and for ever. The first `tolerance` failures of an object in a row are retried whenever the lane is woken,
/// since another lane may have created what was missing; each further one waits 1 s, 2 s, 4 s … 30 s after the last. An
/// edit is tried once without waiting; a failure that cannot be retried (`Failure.canRetry`) waits for one. Each object
/// waits only for itself, and its dependents wait with it. Pure: time is an argument.
public struct FailureBackoff<Change: HostChange>: Sendable {
    private struct Entry {
        var failures: Int
        var lastAt: ContinuousClock.Instant
        /// `Revision.wanted` at the last failure.
        var wanted: Int
        var failure: Failure
        /// What it needed: it is retried at once when that is created.
        var requires: [Change.Object]

        /// nil: not before the desired state changes.
        var due: ContinuousClock.Instant? {
            guard failure.canRetry else { return nil }
            guard failures > FailurePause.tolerance else { return lastAt }
            let exponent = min(failures - FailurePause.tolerance - 1, 10)
            return lastAt + min(FailurePause.ceiling, .seconds(1 << exponent))
        }
    }

    private var entries: [Change.Object: Entry] = [:]

    public init() {}

    /// When the next postponed or just failed change becomes due; nil when there is none.
    public private(set) var nextDue: ContinuousClock.Instant?

    /// Postpones what failed too recently, and what needs it; every other change keeps its place.
    ///
    /// - Parameters:
    ///   - isWhole: whether the changes are complete: other failures are forgotten, unless they are `underWay`.
    ///   - wanted: `Revision.wanted`; a failure at another one is retried once without waiting, as an author waits.
    /// - Returns: the rest, with dependents among `waiting`; and what is not retried now, each with its last error.
    public mutating func postpone(
        _ changeSet: ChangeSet<Change>, isWhole: Bool = true, underWay: Set<Change.Object> = [], wanted: Int,
        at now: ContinuousClock.Instant
    ) -> (changeSet: ChangeSet<Change>, failing: [Outcome<Change>]) {
        nextDue = nil
        guard !entries.isEmpty else { return (changeSet, []) }
        if isWhole {
            let present = Set(changeSet.changes.map(\.object)).union(changeSet.waiting.map(\.change.object))
            entries = entries.filter { present.contains($0.key) || underWay.contains($0.key) }
        }
        let waiting = entries.filter { $0.value.wanted == wanted && ($0.value.due.map { $0 > now } ?? true) }
        guard !waiting.isEmpty else { return (changeSet, []) }
        return split(changeSet, waiting)
    }

    private mutating func split(
        _ changeSet: ChangeSet<Change>, _ waiting: [Change.Object: Entry]
    ) -> (changeSet: ChangeSet<Change>, failing: [Outcome<Change>]) {
        let dependents = changeSet.waitingTogether(with: Set(waiting.keys))
        var result = changeSet
        result.changes = []
        var failing: [Outcome<Change>] = []
        var absent: Set<Change.Object> = []
        var order = Change.Order()
        for change in changeSet.changes {
            let reason =
                dependents[change.object] ?? change.requires.first(where: absent.contains).map { "waiting for \($0)" }
                ?? (order.forbids(change) ? "waiting for a change that failed before it" : nil)
            if let entry = waiting[change.object] {
                if let due = entry.due { nextDue = min(nextDue ?? due, due) }
                failing.append(Outcome(change, failure: entry.failure))
            } else if let reason {
                if change.repair != .accompanying { result.waiting.append(WaitingChange(change, reason: reason)) }
            } else {
                result.changes.append(change)
                continue
            }
            absent.formUnion(change.creates)
            order.failed(change)
        }
        return (result, failing)
    }

    /// Records the outcomes of changes.
    ///
    /// - Parameter wanted: `Revision.wanted`.
    public mutating func note(_ outcomes: [Outcome<Change>], wanted: Int, at now: ContinuousClock.Instant) {
        guard !entries.isEmpty || outcomes.contains(where: { $0.error != nil }) else { return }
        let failed = Set(outcomes.lazy.filter { $0.error != nil }.map(\.change.object))
        var come: Set<Change.Object> = []
        for outcome in outcomes where outcome.error == nil {
            if !failed.contains(outcome.change.object) { entries[outcome.change.object] = nil }
            come.formUnion(outcome.change.creates)
        }
        if !come.isEmpty {
            entries = entries.filter { entry in !entry.value.requires.contains(where: come.contains) }
        }
        var seen: Set<Change.Object> = []
        for outcome in outcomes {
            // Several failed steps of one object count as one failure.
            guard let failure = outcome.failure, seen.insert(outcome.change.object).inserted else { continue }
            let entry = Entry(
                failures: (entries[outcome.change.object]?.failures ?? 0) + 1, lastAt: now, wanted: wanted,
                failure: failure,
                requires: outcome.change.requires)
            entries[outcome.change.object] = entry
            if let due = entry.due, due > now { nextDue = min(nextDue ?? due, due) }
        }
    }
}

/// How long failing changes wait.
public enum FailurePause {
    /// The number of failures in a row without a pause.
    public static let tolerance = 3
    /// The longest pause.
    public static let ceiling = Duration.seconds(30)
}

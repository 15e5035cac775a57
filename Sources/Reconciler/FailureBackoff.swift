public import Convergence

/// Slows down changes that fail again and again, whatever wakes the lane (fault 58 of docs/reliability.md).
///
/// A change that fails can itself make the kernel or Podman notify, or wake the other lane, so that its lane would try it
/// again at once and for ever. The first `tolerance` failures of an object in a row are tried again whenever the lane is
/// woken, since another lane may just have made what was missing; each further one waits 1 s, 2 s, 4 s … 30 s after the
/// last. An edit is tried once without waiting, and nothing else brings back what cannot come to another end
/// (`Failure.canRetry`). Each object waits for itself alone, and with it what hangs on it. Pure:
/// time is an argument.
public struct FailureBackoff<Change: HostChange>: Sendable {
    private struct Entry {
        var failures: Int
        var lastAt: ContinuousClock.Instant
        /// `Revision.wanted` when it failed last.
        var wanted: Int
        var failure: Failure
        /// What it needed: it is tried at once when that comes.
        var requires: [Change.Object]

        /// nil: not before something else is wanted.
        var due: ContinuousClock.Instant? {
            guard failure.canRetry else { return nil }
            guard failures > FailurePause.tolerance else { return lastAt }
            let exponent = min(failures - FailurePause.tolerance - 1, 10)
            return lastAt + min(FailurePause.ceiling, .seconds(1 << exponent))
        }
    }

    private var entries: [Change.Object: Entry] = [:]

    public init() {}

    /// When the next change that is held back, or failed just now, may go; nil when none is.
    public private(set) var nextDue: ContinuousClock.Instant?

    /// Holds back what failed too recently, and what needs it; every other change stays where it is.
    ///
    /// - Parameters:
    ///   - isWhole: whether the changes are all that there is to do: what failed and is not among them is forgotten,
    ///     unless it is `underWay`.
    ///   - wanted: `Revision.wanted`; what failed at another goes once without waiting, for an author waits.
    /// - Returns: the rest, with what waits for something else among `waiting`; and what is not tried again now, with the
    ///   error that it failed with.
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

    /// Takes note of what became of changes.
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
            // Several steps of one object are one failure.
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

/// How long changes that fail wait.
public enum FailurePause {
    /// How many failures in a row cost no pause of their own.
    public static let tolerance = 3
    /// The longest pause.
    public static let ceiling = Duration.seconds(30)
}

internal import Differ
public import HostState

/// Slows down changes that fail again and again, whatever wakes the lane (fault 58 of docs/reliability.md).
///
/// A change that fails can itself make the kernel or Podman notify, or wake the other lane, so that its lane would try it
/// again at once and for ever. The first `tolerance` failures of an object in a row are tried again whenever the lane is
/// woken, since another lane may just have made what was missing; each further one waits 1 s, 2 s, 4 s … 30 s after the
/// last. An edit is tried once without waiting. Each object waits for itself alone, and with it what hangs on it. Pure:
/// time is an argument.
public struct FailureBackoff: Sendable {
    /// How many failures in a row cost no pause of their own.
    public static let tolerance = 3
    /// The longest pause.
    public static let ceiling = Duration.seconds(30)

    private struct Entry {
        var failures: Int
        var lastAt: ContinuousClock.Instant
        /// `Revision.wanted` when it failed last.
        var wanted: Int
        var error: String
        /// What it needed: it is tried at once when that comes.
        var requires: [ObjectKey]

        var due: ContinuousClock.Instant {
            guard failures > FailureBackoff.tolerance else { return lastAt }
            let exponent = min(failures - FailureBackoff.tolerance - 1, 10)
            return lastAt + min(FailureBackoff.ceiling, .seconds(1 << exponent))
        }
    }

    private var entries: [ObjectKey: Entry] = [:]

    public init() {}

    /// When the next change that is held back, or failed just now, may go; nil when none is.
    public private(set) var nextDue: ContinuousClock.Instant?

    /// Holds back what failed too recently, and what needs it; every other change stays where it is.
    ///
    /// - Parameters:
    ///   - isWhole: whether the changes are all that there is to do: what failed and is not among them is forgotten,
    ///     unless it is `underWay`.
    ///   - wanted: `Revision.wanted`; what failed at another goes once without waiting, for an author waits.
    /// - Returns: the rest, with what waits for something else among `held`; and what is not tried again now, with the
    ///   error that it failed with.
    public mutating func hold(
        _ changeSet: ChangeSet, isWhole: Bool = true, underWay: Set<ObjectKey> = [], wanted: Int,
        at now: ContinuousClock.Instant
    ) -> (changeSet: ChangeSet, failing: [Outcome]) {
        nextDue = nil
        guard !entries.isEmpty else { return (changeSet, []) }
        if isWhole {
            let present = Set(changeSet.changes.map(\.object)).union(changeSet.held.map(\.change.object))
            entries = entries.filter { present.contains($0.key) || underWay.contains($0.key) }
        }
        let waiting = entries.filter { $0.value.wanted == wanted && $0.value.due > now }
        guard !waiting.isEmpty else { return (changeSet, []) }
        return split(changeSet, waiting)
    }

    private mutating func split(
        _ changeSet: ChangeSet, _ waiting: [ObjectKey: Entry]
    ) -> (changeSet: ChangeSet, failing: [Outcome]) {
        let dependents = changeSet.waitingTogether(with: Set(waiting.keys))
        var result = changeSet
        result.changes = []
        var failing: [Outcome] = []
        var absent: Set<ObjectKey> = []
        var prerequisites = Prerequisites()
        for change in changeSet.changes {
            let reason =
                dependents[change.object] ?? change.requires.first(where: absent.contains).map { "waiting for \($0)" }
                ?? (prerequisites.holds(change) ? "waiting for a change that failed before it" : nil)
            if let entry = waiting[change.object] {
                nextDue = min(nextDue ?? entry.due, entry.due)
                failing.append(Outcome(change, error: entry.error))
            } else if let reason {
                // It comes with the route that it tells of.
                if case .kernel(.announce) = change {} else { result.held.append(HeldChange(change, reason: reason)) }
            } else {
                result.changes.append(change)
                continue
            }
            absent.formUnion(change.creates)
            if case .kernel(let step) = change { prerequisites.failed(step) }
        }
        return (result, failing)
    }

    /// Takes note of what became of changes.
    ///
    /// - Parameter wanted: `Revision.wanted`.
    public mutating func note(_ outcomes: [Outcome], wanted: Int, at now: ContinuousClock.Instant) {
        guard !entries.isEmpty || outcomes.contains(where: { $0.error != nil }) else { return }
        let failed = Set(outcomes.lazy.filter { $0.error != nil }.map(\.change.object))
        var come: Set<ObjectKey> = []
        for outcome in outcomes where outcome.error == nil {
            if !failed.contains(outcome.change.object) { entries[outcome.change.object] = nil }
            come.formUnion(outcome.change.creates)
        }
        if !come.isEmpty {
            entries = entries.filter { entry in !entry.value.requires.contains(where: come.contains) }
        }
        var seen: Set<ObjectKey> = []
        for outcome in outcomes {
            // Several steps of one object are one failure.
            guard let error = outcome.error, seen.insert(outcome.change.object).inserted else { continue }
            let entry = Entry(
                failures: (entries[outcome.change.object]?.failures ?? 0) + 1, lastAt: now, wanted: wanted,
                error: error,
                requires: outcome.change.requires)
            entries[outcome.change.object] = entry
            if entry.due > now { nextDue = min(nextDue ?? entry.due, entry.due) }
        }
    }
}

extension Prerequisites {
    fileprivate func holds(_ change: Change) -> Bool {
        if case .kernel(let step) = change { hold(step) } else { false }
    }
}

extension ChangeSet {
    /// What is taken away together with objects that wait, each with the reason why it waits, too.
    func waitingTogether(with waiting: Set<ObjectKey>) -> [ObjectKey: String] {
        var reasons: [ObjectKey: String] = [:]
        var groups = together
        while let next = groups.firstIndex(where: { $0.contains { waiting.contains($0) || reasons[$0] != nil } }) {
            let group = groups.remove(at: next)
            let first = group.filter { waiting.contains($0) || reasons[$0] != nil }.map(\.description).min() ?? ""
            for object in group where !waiting.contains(object) && reasons[object] == nil {
                reasons[object] = "waiting for \(first)"
            }
        }
        return reasons
    }
}

public import Convergence

/// Slows down the repairs of what a rival undoes continuously (fault 17 of docs/reliability.md).
///
/// The first `tolerance` repairs of an object in a row are immediate; each further one waits twice as long as the one
/// before, 500 ms to 30 s. Ten quiet seconds after that pause reset everything. Each object waits only for itself, and
/// its dependents wait with it. A change repeated at the same desired state is a repair, too, even if the lane never
/// converged because something else fails. `StartBackoff` handles containers that exit continuously. Pure: time is an
/// argument.
public struct RepairBackoff<Change: HostChange>: Sendable {
    private struct Entry {
        var repairs = 0
        var lastAt: ContinuousClock.Instant
        /// `Revision.wanted` when it was last created or changed.
        var wanted: Int
        /// Whether half of a repair is done: the wrong object is deleted, and its replacement must not wait.
        var isTakenAway = false

        var pause: Duration {
            guard repairs > RepairPause.tolerance else { return .zero }
            return min(RepairPause.ceiling, .milliseconds(500 << min(repairs - RepairPause.tolerance - 1, 10)))
        }

        func isOver(at now: ContinuousClock.Instant) -> Bool { now - lastAt > pause + RepairPause.quiet }
    }

    private var entries: [Change.Object: Entry] = [:]

    public init() {}

    /// When the next postponed repair becomes due; nil when there is none.
    public private(set) var nextDue: ContinuousClock.Instant?

    /// Postpones the repairs that come too early, and what needs them; every other change keeps its place.
    ///
    /// - Parameters:
    ///   - isPatient: false when an author waits: nothing is postponed.
    ///   - wanted: `Revision.wanted`; after a repair at another one, one is made without waiting, as an author waits.
    public mutating func postpone(
        _ changeSet: ChangeSet<Change>, isPatient: Bool, wanted: Int, at now: ContinuousClock.Instant
    ) -> ChangeSet<Change> {
        nextDue = nil
        // When nothing is left to do, objects without repairs are forgotten: from here on changes are drift.
        let isDone = changeSet.changes.isEmpty
        entries = entries.filter { !$0.value.isOver(at: now) && !(isDone && $0.value.repairs == 0) }
        guard isPatient, entries.contains(where: { $0.value.lastAt + $0.value.pause > now }) else { return changeSet }
        var result = changeSet
        result.changes = []
        let reasons = reasonsToWait(changeSet, wanted, now)
        var absent: Set<Change.Object> = []
        for change in changeSet.changes {
            if let reason = reasons[change.object]
                ?? change.requires.first(where: absent.contains).map({ "waiting for \($0)" })
            {
                absent.formUnion(change.creates)
                if change.repair == .accompanying { continue }
                result.waiting.append(WaitingChange(change, reason: reason))
            } else {
                result.changes.append(change)
            }
        }
        return result
    }

    /// Why objects have to wait, by object: for themselves, or for an object that is deleted together with them.
    private mutating func reasonsToWait(
        _ changeSet: ChangeSet<Change>, _ wanted: Int, _ now: ContinuousClock.Instant
    ) -> [Change.Object: String] {
        var reasons: [Change.Object: String] = [:]
        // Deletions in a later round of the same replacement also decide whether the first may happen.
        let grouped = changeSet.together.reduce(into: Set<Change.Object>()) { $0.formUnion($1) }
        let later = changeSet.waiting.map(\.change).filter {
            grouped.contains($0.object) && $0.repair == .firstHalf
        }
        for change in changeSet.changes + later {
            if let reason = wait(change, wanted, now) { reasons[change.object] = reason }
        }
        return reasons.merging(changeSet.waitingTogether(with: Set(reasons.keys))) { own, _ in own }
    }

    /// Why a repair has to wait; nil when it need not. The text stays the same for as long as it waits.
    private mutating func wait(_ change: Change, _ wanted: Int, _ now: ContinuousClock.Instant) -> String? {
        guard let entry = entries[change.object], entry.wanted == wanted,
            !(entry.isTakenAway && change.repair == .secondHalf)
        else { return nil }
        let due = entry.lastAt + entry.pause
        guard due > now else { return nil }
        nextDue = min(nextDue ?? due, due)
        return "back-off: it was undone \(entry.repairs) times in a row, and is repaired again \(entry.pause) after "
            + "the last time"
    }

    /// Records applied changes, however many steps each object took.
    ///
    /// - Parameters:
    ///   - isDrift: whether all are repairs. Otherwise only those also applied before at the same `wanted`.
    ///   - wanted: `Revision.wanted`.
    /// - Returns: the repairs of objects that are now contested, in their order.
    public mutating func done(
        _ changes: [Change], isDrift: Bool, wanted: Int, at now: ContinuousClock.Instant
    ) -> [ContestedRepair<Change>] {
        var seen: Set<Change.Object> = []
        var contested: [ContestedRepair<Change>] = []
        for change in changes where change.repair != .none && change.repair != .accompanying {
            let last = entries[change.object].flatMap { $0.isOver(at: now) ? nil : $0 }
            if let last, last.isTakenAway, change.repair == .secondHalf {
                entries[change.object] = Entry(repairs: last.repairs, lastAt: now, wanted: wanted)
                continue
            }
            guard seen.insert(change.object).inserted else { continue }
            let isRepair = isDrift || last?.wanted == wanted
            let before = last?.repairs ?? 0
            // An edit ends the wait, but a rival that continues is recognised at once.
            let entry = Entry(
                repairs: isRepair ? before + 1 : min(before, RepairPause.tolerance - 1), lastAt: now, wanted: wanted,
                isTakenAway: change.repair == .firstHalf)
            entries[change.object] = entry
            if entry.pause > .zero {
                contested.append(ContestedRepair(change: change, repairs: entry.repairs, pause: entry.pause))
            }
        }
        return contested
    }
}

/// How long repairs of one object wait.
public enum RepairPause {
    /// The number of repairs in a row that count as chance.
    public static let tolerance = 5
    /// The longest pause.
    public static let ceiling = Duration.seconds(30)
    /// How long a repair has to last, beyond the pause, to end the row.
    public static let quiet = Duration.seconds(10)
}

/// A repair that is undone repeatedly.
public struct ContestedRepair<Change: HostChange>: Hashable, Sendable {
    public var change: Change
    /// The number of repairs in a row, including this one.
    public var repairs: Int
    /// How long the next repair waits.
    public var pause: Duration
    /// The program that undid it; nil when unknown.
    public var rival: String?

    public init(change: Change, repairs: Int, pause: Duration, rival: String? = nil) {
        self.change = change
        self.repairs = repairs
        self.pause = pause
        self.rival = rival
    }
}

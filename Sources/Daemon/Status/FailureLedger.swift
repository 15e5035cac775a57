internal import Convergence
internal import Reconciler

/// Which failures were already reported: a repeated failure is an event and a log line once, and then once in ten
/// minutes with a count. Pure: time is an argument.
struct FailureLedger {
    /// How long a continuing failure is not reported again.
    static let interval = Duration.seconds(600)
    /// Different errors of one object that are reported within the interval; ever new texts must not bypass it.
    static let textLimit = 4

    private struct Entry {
        var texts: Set<String> = []
        var toldAt: ContinuousClock.Instant
        var untold = 0
    }

    private struct Subject: Hashable {
        let lane: LaneName
        /// nil: the observation itself.
        let object: AnyHashable?
    }

    private var entries: [Subject: Entry] = [:]

    /// How often failures happened since they were last reported.
    struct Counts<Object: Hashable> {
        var observing = 1
        /// By object; 1 when absent.
        var changes: [Object: Int] = [:]
    }

    /// Removes from a round what is not to be reported now.
    ///
    /// - Returns: how often each remaining failure happened.
    mutating func filter<O, Change>(
        _ round: inout Round<O, Change>, lane: LaneName, at now: ContinuousClock.Instant
    ) -> Counts<Change.Object> {
        var counts = Counts<Change.Object>()
        if let error = round.observeError {
            if let count = tell(error, of: Subject(lane: lane, object: nil), at: now) {
                counts.observing = count
            } else {
                round.observeError = nil
            }
        } else if round.observed != nil {
            entries[Subject(lane: lane, object: nil)] = nil
        }
        if round.isConverged {
            // Work beside the lane is still waiting, and may fail again.
            let waiting = Set(round.changeSet.waiting.map { AnyHashable($0.change.object) })
            entries = entries.filter { $0.key.lane != lane || $0.key.object.map(waiting.contains) ?? false }
        }
        let failed = Set(round.outcomes.lazy.filter { $0.error != nil }.map(\.change.object))
        round.outcomes.removeAll { outcome in
            let subject = Subject(lane: lane, object: outcome.change.object)
            guard let error = outcome.error else {
                if !failed.contains(outcome.change.object) { entries[subject] = nil }
                return false
            }
            guard let count = tell(error, of: subject, at: now) else { return true }
            counts.changes[outcome.change.object] = count
            return false
        }
        return counts
    }

    /// - Returns: how often it happened since it was last reported; nil when it is not to be reported now.
    private mutating func tell(_ text: String, of subject: Subject, at now: ContinuousClock.Instant) -> Int? {
        guard var entry = entries[subject], now - entry.toldAt < FailureLedger.interval else {
            let count = (entries[subject]?.untold ?? 0) + 1
            entries[subject] = Entry(texts: [text], toldAt: now)
            return count
        }
        let isNew = entry.texts.count < FailureLedger.textLimit && entry.texts.insert(text).inserted
        if !isNew { entry.untold += 1 }
        entries[subject] = entry
        return isNew ? 1 : nil
    }
}

internal import Convergence
internal import FirewallState
internal import HostState
internal import NetworkState
internal import PodmanState
internal import Reconciler
internal import Resources

/// An event before the records add its times.
struct EventDraft: Hashable, Sendable {
    var type: Event.EventType
    var reason: String
    var message: String
    var regarding: ResourceReference
    /// How often it happened since it was last reported.
    var count = 1
}

/// The events of a round: one per converging action, with before and after. Pure.
struct RoundEvents: Sendable {
    /// Above this number of alike changes in one round, one event counts them instead.
    static let bulk = 20

    /// - Parameters:
    ///   - counts: how often failures happened since they were last reported.
    static func drafts<O, Change>(
        of round: Round<O, Change>, _ traits: LaneTraits, owners: Owners, localNode: String,
        counts: FailureLedger.Counts<Change.Object> = .init()
    ) -> [EventDraft] {
        var drafts: [EventDraft] = []
        if let error = round.observeError {
            drafts.append(
                EventDraft(
                    type: .warning, reason: traits.unavailable, message: error, regarding: .node(localNode),
                    count: counts.observing))
        }
        // Failures come first.
        for isFailed in [true, false] {
            // A pull that has begun reports its steps itself.
            let outcomes = round.outcomes.filter {
                ($0.error != nil) == isFailed && (isFailed || $0.change.operation != .pull)
            }
            drafts += bulked(
                outcomes, isDrift: round.isDrift, owners: owners, localNode: localNode, counts: counts.changes)
        }
        drafts += contested(round.contested, owners: owners, localNode: localNode)
        return drafts
    }

    /// One event for each outcome, or for all of an action when there are many.
    private static func bulked<Change>(
        _ outcomes: [Outcome<Change>], isDrift: Bool, owners: Owners, localNode: String,
        counts: [Change.Object: Int]
    ) -> [EventDraft] {
        // By operation and reason: of one operation, some may repair drift.
        var groups: [String: [EventDraft]] = [:]
        var order: [String] = []
        for outcome in outcomes {
            let words = outcome.change.words
            let what = words.detail.isEmpty ? words.target : "\(words.target): \(words.detail)"
            let isRepair = isDrift && outcome.change.isDueToOthers
            let reason = isRepair ? Reason.driftRepaired : outcome.change.operation.reason
            let regarding = outcome.change.regarding(owners)
            let draft = EventDraft(
                type: outcome.error != nil || isRepair ? .warning : .normal,
                reason: outcome.failure.map { $0.reason ?? Reason.failed } ?? reason,
                message: "\(words.action) \(what)"
                    + (outcome.failure.map { ": \($0.words(after: words, regarding))" } ?? ""),
                regarding: regarding,
                count: outcome.error != nil ? counts[outcome.change.object] ?? 1 : 1)
            let group = "\(words.action) \(reason)"
            if groups[group] == nil { order.append(group) }
            groups[group, default: []].append(draft)
        }
        return order.flatMap { key -> [EventDraft] in
            let group = groups[key] ?? []
            guard group.count > bulk, var first = group.first else { return group }
            first.message = "\(key.split(separator: " ")[0]): \(group.count) objects, the first: \(first.message)"
            first.regarding = .node(localNode)
            return [first]
        }
    }

    /// The conflicts with rivals, and their objects.
    private static func contested<Change>(
        _ repairs: [ContestedRepair<Change>], owners: Owners, localNode: String
    ) -> [EventDraft] {
        let drafts = repairs.map { repair in
            let words = repair.change.words
            return EventDraft(
                type: .warning, reason: Reason.contested,
                message:
                    "\(repair.rival ?? "something") keeps undoing this; repaired \(repair.repairs) times in a row, "
                    + "the next time after \(repair.pause): \(words.action) \(words.target)",
                regarding: repair.change.regarding(owners))
        }
        guard drafts.count > bulk, var first = drafts.first else { return drafts }
        first.message = "\(drafts.count) objects, the first: \(first.message)"
        first.regarding = .node(localNode)
        return [first]
    }
}

extension ChangeOperation {
    /// The reason of the event of a change that an author asked for.
    var reason: String {
        switch self {
        case .create: Reason.created
        case .update: Reason.updated
        case .delete: Reason.deleted
        case .start: Reason.started
        case .stop: Reason.stopped
        case .restore, .reload: Reason.restored
        case .pull: Reason.pulling
        case .announce: Reason.announced
        }
    }
}

extension Failure {
    /// The text without what the event already says: the operation and the resource.
    fileprivate func words(after words: ChangeWords, _ regarding: ResourceReference) -> String {
        let said = ["\(words.action) \(words.target): ", "\(regarding): "]
        return said.reduce(description) { text, prefix in
            text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
        }
    }
}

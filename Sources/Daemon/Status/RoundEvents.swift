internal import Differ
internal import HostState
internal import Reconciler
internal import Resources

/// An event before the records give it its times.
struct EventDraft: Hashable, Sendable {
    var type: Event.EventType
    var reason: String
    var message: String
    var regarding: String
    /// How often it happened since it was last told.
    var count = 1
}

/// The events that a round makes: each converging action is one, with before and after. Pure.
struct RoundEvents: Sendable {
    /// Above this many alike changes in one round, one event counts them instead.
    static let bulk = 20

    /// - Parameters:
    ///   - lane: `network`, `podman` or `firewall`.
    ///   - counts: how often failures happened since they were last told, by the object, where it was more than once.
    static func drafts<O>(
        of round: Round<O>, lane: String, regarding: Regarding, localNode: String, counts: [ObjectKey: Int] = [:]
    ) -> [EventDraft] {
        var drafts: [EventDraft] = []
        if let error = round.observeError {
            let reason =
                switch lane {
                case "podman": Reason.podmanUnavailable
                case "firewall": Reason.firewallUnavailable
                default: Reason.networkUnavailable
                }
            drafts.append(EventDraft(type: .warning, reason: reason, message: error, regarding: "node/\(localNode)"))
        }
        // What failed comes first.
        for isFailed in [true, false] {
            let outcomes = round.outcomes.filter { ($0.error != nil) == isFailed }
            drafts += bulked(
                outcomes, isDrift: round.isDrift, regarding: regarding, localNode: localNode, counts: counts)
        }
        drafts += contested(round.contested, regarding: regarding, localNode: localNode)
        return drafts
    }

    /// One event for each outcome, or for all of an action where there are many.
    private static func bulked(
        _ outcomes: [Outcome], isDrift: Bool, regarding: Regarding, localNode: String, counts: [ObjectKey: Int]
    ) -> [EventDraft] {
        var groups: [String: [EventDraft]] = [:]
        var order: [String] = []
        for outcome in outcomes {
            let words = Differ.describe(outcome.change)
            let what = words.detail.isEmpty ? words.object : "\(words.object): \(words.detail)"
            let reason = isDrift ? Reason.driftRepaired : EventReason.reason(of: outcome.change)
            let draft = EventDraft(
                type: outcome.error != nil || isDrift ? .warning : .normal,
                reason: outcome.error != nil ? Reason.failed : reason,
                message: "\(words.action) \(what)" + (outcome.error.map { ": \($0)" } ?? ""),
                regarding: regarding.resource(of: outcome.change),
                count: outcome.error != nil ? counts[outcome.change.object] ?? 1 : 1)
            if groups[words.action] == nil { order.append(words.action) }
            groups[words.action, default: []].append(draft)
        }
        return order.flatMap { action -> [EventDraft] in
            let group = groups[action] ?? []
            guard group.count > bulk, var first = group.first else { return group }
            first.message = "\(action): \(group.count) objects, the first: \(first.message)"
            first.regarding = "node/\(localNode)"
            return [first]
        }
    }

    /// Who is at odds with us, and over what.
    private static func contested(
        _ repairs: [ContestedRepair], regarding: Regarding, localNode: String
    ) -> [EventDraft] {
        let drafts = repairs.map { repair in
            let words = Differ.describe(repair.change)
            return EventDraft(
                type: .warning, reason: Reason.contested,
                message:
                    "\(repair.rival ?? "something") keeps undoing this; repaired \(repair.repairs) times in a row, "
                    + "the next time after \(repair.pause): \(words.action) \(words.object)",
                regarding: regarding.resource(of: repair.change))
        }
        guard drafts.count > bulk, var first = drafts.first else { return drafts }
        first.message = "\(drafts.count) objects, the first: \(first.message)"
        first.regarding = "node/\(localNode)"
        return [first]
    }
}

/// The reason words of changes that an author asked for.
enum EventReason {
    static func reason(of change: Change) -> String {
        switch change {
        case .kernel(let change): reason(of: change)
        case .podman(let change): reason(of: change)
        case .firewall(.replaceTable(_, let before)): before == nil ? Reason.created : Reason.updated
        case .firewall(.deleteTable): Reason.deleted
        case .firewall(.reloadPodmanRules): Reason.restored
        }
    }

    private static func reason(of change: KernelChange) -> String {
        switch change {
        case .createLink, .addAddress, .addRoute, .addProxyNeighbour, .addPeer: Reason.created
        case .updateLink, .renameLink, .attachPort, .replaceRoute, .setSysctl, .configureDevice, .updatePeer:
            Reason.updated
        case .deleteLink, .deleteAddress, .deleteRoute, .deleteProxyNeighbour, .removePeer: Reason.deleted
        case .restoreSysctl: Reason.restored
        case .announce: Reason.announced
        }
    }

    private static func reason(of change: PodmanChange) -> String {
        switch change {
        case .createNetwork, .createContainer: Reason.created
        case .pullImage: Reason.pulling
        case .startContainer: Reason.started
        case .restoreContainer: Reason.restored
        case .stopContainer: Reason.stopped
        case .removeNetwork, .removeContainer: Reason.deleted
        }
    }
}

extension Conflict {
    /// The object whose condition shows it.
    func subject(_ identities: Identities) -> String {
        if object.hasPrefix("container/") || object.hasPrefix("image/") { return "container/\(owner)" }
        return object.hasPrefix("table/") ? "node/\(owner)" : "overlay/\(identities.overlay(madeAs: owner))"
    }
}

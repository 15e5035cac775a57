internal import Differ
internal import HostState
internal import Reconciler
internal import Resources

/// The events that a round makes: each converging action is one, with before and after. Pure.
struct RoundEvents: Sendable {
    struct Draft: Hashable, Sendable {
        var type: Event.EventType
        var reason: String
        var message: String
        var regarding: String
    }

    /// Above this many alike changes in one round, one event counts them instead.
    static let bulk = 20

    /// - Parameter lane: `network` or `podman`.
    static func drafts<O>(of round: Round<O>, lane: String, regarding: Regarding, localNode: String) -> [Draft] {
        var drafts: [Draft] = []
        if let error = round.observeError {
            let reason = lane == "podman" ? Reason.podmanUnavailable : Reason.networkUnavailable
            drafts.append(Draft(type: .warning, reason: reason, message: error, regarding: "node/\(localNode)"))
        }
        var done: [String: [Draft]] = [:]
        var order: [String] = []
        for outcome in round.outcomes {
            let words = Differ.describe(outcome.change)
            let subject = regarding.resource(of: outcome.change)
            let what = words.detail.isEmpty ? words.object : "\(words.object): \(words.detail)"
            if let error = outcome.error {
                drafts.append(
                    Draft(
                        type: .warning, reason: Reason.failed, message: "\(words.action) \(what): \(error)",
                        regarding: subject))
                continue
            }
            let reason = round.isDrift ? Reason.driftRepaired : EventReason.reason(of: outcome.change)
            let draft = Draft(
                type: round.isDrift ? .warning : .normal, reason: reason, message: "\(words.action) \(what)",
                regarding: subject)
            if done[words.action] == nil { order.append(words.action) }
            done[words.action, default: []].append(draft)
        }
        for action in order {
            let group = done[action] ?? []
            guard group.count > bulk, let first = group.first else {
                drafts += group
                continue
            }
            drafts.append(
                Draft(
                    type: first.type, reason: first.reason,
                    message: "\(action): \(group.count) objects, the first: \(first.message)",
                    regarding: "node/\(localNode)"))
        }
        if round.repairsInARow > 5, let first = drafts.first(where: { $0.reason == Reason.driftRepaired }) {
            drafts.append(
                Draft(
                    type: .warning, reason: Reason.contested,
                    message: "something keeps undoing this; repaired \(round.repairsInARow) times in a row, "
                        + "now more slowly: \(first.message)", regarding: first.regarding))
        }
        return drafts
    }
}

/// The reason words of changes that an author asked for.
enum EventReason {
    static func reason(of change: Change) -> String {
        switch change {
        case .kernel(let change): reason(of: change)
        case .podman(let change): reason(of: change)
        }
    }

    private static func reason(of change: KernelChange) -> String {
        switch change {
        case .createLink, .addAddress, .addRoute, .addProxyNeighbour, .addPeer: Reason.created
        case .updateLink, .replaceRoute, .setSysctl, .configureDevice, .updatePeer: Reason.updated
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
        case .stopContainer: Reason.stopped
        case .removeNetwork, .removeContainer: Reason.deleted
        }
    }
}

extension Conflict {
    /// The object whose condition shows it.
    var subject: String {
        object.hasPrefix("container/") || object.hasPrefix("image/") ? "container/\(owner)" : "overlay/\(owner)"
    }
}

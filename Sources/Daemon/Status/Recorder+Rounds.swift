internal import Convergence
internal import HostState
internal import Reconciler
internal import Resources

/// The reports of the lanes.
extension Recorder {
    func record<O, Change>(
        _ round: Round<O, Change>, of lane: LaneName, _ traits: LaneTraits, gaps: [Gap]
    ) async {
        await inventory?.retry()
        let state = board.facts
        // An idle round regards nothing, and the fleet may be large.
        let isIdle =
            round.outcomes.isEmpty && round.contested.isEmpty && round.failing.isEmpty && round.late.isEmpty
            && round.changeSet.waiting.isEmpty && round.changeSet.conflicts.isEmpty
        let owners = Owners(isIdle ? DesiredHost() : state.desired, localNode: localNode)
        var news = round
        let counts = told.filter(&news, lane: lane, at: .now)
        var drafts = RoundEvents.drafts(of: news, traits, owners: owners, localNode: localNode, counts: counts)
        let known = state.outstanding[lane]
        drafts += round.changeSet.conflicts.filter { known?.conflicts.contains($0) != true }.map {
            EventDraft(
                type: .warning, reason: Reason.conflict, message: $0.message, regarding: $0.regarding(owners))
        }
        drafts += gaps.filter { known?.failures.contains($0) != true }.map {
            EventDraft(type: .warning, reason: Reason.failed, message: $0.reason, regarding: $0.resource)
        }
        await events(drafts)
        var outstanding = Outstanding()
        outstanding.error = round.observeError
        outstanding.waiting = round.changeSet.waiting.map { Outstanding.Waiting($0, owners) }
        outstanding.conflicts = round.changeSet.conflicts
        outstanding.failures = gaps
        // A change that waits for its next attempt still counts as failed, so that conditions do not flap.
        outstanding.failures += (round.outcomes + round.failing + round.late).compactMap { outcome in
            outcome.error.map { Gap(outcome.change.regarding(owners), reason: $0) }
        }
        let isGoingDown = state.isGoingDown
        reports.change { reports in
            reports.outstanding[lane] = outstanding
            if isGoingDown { reports.teardownLines += round.outcomes.map(\.teardownLine) }
        }
        await refresh()
    }

    func recordPart<O, Change>(_ round: Round<O, Change>, of lane: LaneName, _ traits: LaneTraits) async {
        var done = round
        done.outcomes.removeAll { $0.error != nil }
        guard !done.outcomes.isEmpty else { return }
        let owners = Owners(board.facts.desired, localNode: localNode)
        await events(RoundEvents.drafts(of: done, traits, owners: owners, localNode: localNode))
    }

    func recordEnd<O, Change>(_ round: Round<O, Change>, of lane: LaneName, _ traits: LaneTraits) async {
        let state = board.facts
        let owners = Owners(state.desired, localNode: localNode)
        reports.change { reports in
            for outcome in round.outcomes {
                if let error = outcome.error {
                    let failure = Gap(outcome.change.regarding(owners), reason: error)
                    if reports.outstanding[lane]?.failures.contains(failure) == false {
                        reports.outstanding[lane]?.failures.append(failure)
                    }
                }
                if state.isGoingDown { reports.teardownLines.append(outcome.teardownLine) }
            }
        }
        var round = round
        let counts = told.filter(&round, lane: lane, at: .now)
        await events(
            RoundEvents.drafts(of: round, traits, owners: owners, localNode: localNode, counts: counts))
    }

    func goesOn<Change: HostChange>(_ change: Change, progress: String) async {
        let words = change.words
        await event(
            .normal, Reason.terminating, "\(words.target) \(progress): \(words.action), \(words.detail)",
            regarding: change.regarding(Owners(board.facts.desired, localNode: localNode)))
        await refresh()
    }
}

extension Outcome {
    /// As `wgctl down` prints it.
    fileprivate var teardownLine: String {
        let words = change.words
        return "\(words.action) \(words.target)" + (error.map { ": \($0)" } ?? "")
    }
}

internal import NetworkState
internal import PodmanState
internal import Convergence
internal import Foundation
internal import HostState
internal import Logging
internal import Reconciler
internal import Records
internal import Resources
internal import Synchronization

/// Writes down what happened: events, conditions, the report that wgctl shows when no daemon answers.
///
/// Only what differs is written. A database that fails stops nothing else: the network converges without it.
actor Recorder {
    private let world: World
    private let records: Records
    private let localNode: String
    private let logger: Logger
    private var written: [ResourceReference: Written] = [:]
    private var conditions: [ResourceReference: [Condition]] = [:]
    private var observers: [Int: AsyncStream<Void>.Continuation] = [:]
    private var nextObserver = 0
    private var isLoaded = false
    /// False after a restart, while the recorded conditions say more than has been seen yet.
    private var hasLooked = false
    /// One refresh at a time: an older assessment must not be written over a newer one.
    private var isRefreshing = false
    private var isStale = false
    private var lostEvents = 0
    private var told = FailureLedger()
    /// What failed after its round, until it is tried again to another end.
    private var lateFailures: [PodmanObject: Outcome<PodmanChange>] = [:]
    private var saveReport: (@Sendable () async -> Void)?

    private struct Written: Equatable {
        var conditions: [AssessedCondition]
        var generation: Int
    }

    init(world: World, records: Records, localNode: String, logger: Logger) {
        self.world = world
        self.records = records
        self.localNode = localNode
        self.logger = logger
    }

    /// How the report is recorded after something differed; set once while the daemon is wired.
    func onChange(_ save: @escaping @Sendable () async -> Void) { saveReport = save }

    /// How many events could not be kept.
    var eventsLost: Int { lostEvents }

    var currentConditions: [ResourceReference: [Condition]] { conditions }

    /// Warns that something could not be kept on disk, and counts it with the lost events.
    func storageFailed(_ what: String) async {
        lostEvents += 1
        await event(.warning, Reason.storageFailed, what, regarding: .node(localNode))
    }

    /// - Parameter milliseconds: below 0 when the clock went back. WireGuard's handshakes carry the time, and a peer takes
    ///   none that is older than the last (WireGuard white paper, section 5.4.2).
    func clockJumped(by milliseconds: Int64) async {
        let by = "by \(abs(milliseconds) / 1000) s"
        let regarding = ResourceReference.node(localNode)
        guard milliseconds < 0 else {
            return await event(.normal, Reason.clockJumped, "the clock went forward \(by)", regarding: regarding)
        }
        await event(
            .warning, Reason.clockJumped,
            "the clock went back \(by): until it is where it was, peers refuse this host's handshakes; "
                + "sessions that stand last three minutes. Set it right, and keep it so (chrony, systemd-timesyncd)",
            regarding: regarding)
    }

    /// - Parameter unreadable: parts of the observation that failed while the rest of it stood.
    func record<O, Change>(_ round: Round<O, Change>, lane: LaneName, unreadable: [World.Failure] = []) async {
        let state = world.snapshot
        // An idle round has nothing to regard, and the fleet may be large.
        let isIdle = round.outcomes.isEmpty && round.contested.isEmpty && round.failing.isEmpty && lateFailures.isEmpty
        let owners = Owners(isIdle ? DesiredHost() : state.desired)
        var news = round
        let counts = told.filter(&news, lane: lane, at: .now)
        var drafts = RoundEvents.drafts(
            of: news, lane: lane, owners: owners, localNode: localNode, counts: counts)
        let known = state.outstanding[lane]
        drafts += round.changeSet.conflicts.filter { known?.conflicts.contains($0) != true }.map {
            EventDraft(
                type: .warning, reason: Reason.conflict, message: $0.message,
                regarding: $0.regarding(Owners(state.desired)))
        }
        drafts += unreadable.filter { known?.failures.contains($0) != true }.map {
            EventDraft(type: .warning, reason: Reason.failed, message: $0.text, regarding: $0.subject)
        }
        await events(drafts)
        var outstanding = World.Outstanding()
        outstanding.error = round.observeError
        outstanding.waiting = round.changeSet.waiting.map { World.Waiting($0, owners) }
        outstanding.conflicts = round.changeSet.conflicts
        outstanding.failures = unreadable
        // What is not tried again yet fails as it did: a condition that came and went with each attempt would say less.
        outstanding.failures += (round.outcomes + round.failing).compactMap { outcome in
            outcome.error.map { .init(subject: outcome.change.regarding(owners), text: $0) }
        }
        if let round = round as? Round<O, PodmanChange> {
            outstanding.failures += stillFailing(after: round).compactMap { outcome in
                outcome.error.map { .init(subject: outcome.change.regarding(owners), text: $0) }
            }
        }
        world.mutate { [outstanding] state in
            state.outstanding[lane] = outstanding
            guard state.isGoingDown else { return }
            state.teardownLines += round.outcomes.map { outcome in
                let words = outcome.change.words
                return "\(words.action) \(words.target)" + (outcome.error.map { ": \($0)" } ?? "")
            }
        }
        await refresh()
    }

    /// Reports that a step which waits for a container to end goes on beside the lane.
    ///
    /// - Parameter isQueued: whether it still waits for its turn.
    func goesOn(_ change: PodmanChange, isQueued: Bool) async {
        let words = change.words
        await event(
            .normal, Reason.terminating,
            "\(words.target) \(Recorder.progress(of: change, isQueued: isQueued)): \(words.action), \(words.detail)",
            regarding: change.regarding(Owners(world.snapshot.desired)))
        await refresh()
    }

    /// What is so of a step that goes on beside the lane.
    static func progress(of change: PodmanChange, isQueued: Bool) -> String {
        if isQueued { return "waits until other containers have ended" }
        // A restore may be connecting a network, and send no signal at all.
        if case .restoreContainer = change { return "is not back as it should be yet" }
        return "was sent SIGTERM and has not ended yet"
    }

    /// Reports the end of such a step. One that failed is shown as failing until an attempt ends otherwise.
    ///
    /// - Parameter round: of it alone, as `Lane.note` makes it.
    func ended<O>(_ outcome: Outcome<PodmanChange>, _ round: Round<O, PodmanChange>) async {
        let words = outcome.change.words
        let owners = Owners(world.snapshot.desired)
        world.mutate { state in
            if let error = outcome.error {
                let failure = World.Failure(subject: outcome.change.regarding(owners), text: error)
                if state.outstanding[.podman]?.failures.contains(failure) == false {
                    state.outstanding[.podman]?.failures.append(failure)
                }
            }
            guard state.isGoingDown else { return }
            state.teardownLines.append(
                "\(words.action) \(words.target)" + (outcome.error.map { ": \($0)" } ?? ""))
        }
        lateFailures[outcome.change.object] = outcome.error.map { _ in outcome }
        var round = round
        let counts = told.filter(&round, lane: .podman, at: .now)
        await events(
            RoundEvents.drafts(of: round, lane: .podman, owners: owners, localNode: localNode, counts: counts))
    }

    /// What failed after its round, is to be done still, and has no other outcome yet.
    private func stillFailing<O>(after round: Round<O, PodmanChange>) -> [Outcome<PodmanChange>] {
        guard round.observed != nil else { return Array(lateFailures.values) }
        let tried = Set(round.outcomes.map(\.change.object))
        let failing = Set(round.failing.map(\.change.object))
        let open = Set((round.changeSet.changes + round.changeSet.waiting.map(\.change)).map(\.object)).union(failing)
        lateFailures = lateFailures.filter { open.contains($0.key) && !tried.contains($0.key) }
        // The lane has the words of those itself.
        return lateFailures.filter { !failing.contains($0.key) }.map(\.value)
    }

    /// Tells of changes that were made without a look: the look behind them says what is left to do.
    func tell<O, Change>(_ round: Round<O, Change>, lane: LaneName) async {
        var done = round
        done.outcomes.removeAll { $0.error != nil }
        guard !done.outcomes.isEmpty else { return }
        let owners = Owners(world.snapshot.desired)
        await events(RoundEvents.drafts(of: done, lane: lane, owners: owners, localNode: localNode))
    }

    func event(_ type: Event.EventType, _ reason: String, _ message: String, regarding: ResourceReference) async {
        await events([EventDraft(type: type, reason: reason, message: message, regarding: regarding)])
    }

    private func events(_ drafts: [EventDraft]) async {
        guard !drafts.isEmpty else { return }
        let now = Date()
        let events = drafts.map { draft in
            assert(ReasonTable.contains(draft.reason), "\(draft.reason) is missing in ReasonTable")
            let times = draft.count > 1 ? " (\(draft.count) times since this was last logged)" : ""
            let line = "\(draft.regarding): \(draft.reason): \(draft.message)\(times)"
            if draft.type == .warning { logger.warning("\(line)") } else { logger.info("\(line)") }
            return Event(
                type: draft.type, reason: draft.reason, message: draft.message, regarding: draft.regarding,
                count: draft.count, firstTimestamp: now, lastTimestamp: now)
        }
        do {
            try await records.record(events)
            if !records.isPersistent { lostEvents += events.count }
        } catch {
            lostEvents += events.count
            logger.error("\(events.count) events not kept: \(error)")
        }
        notify()
    }

    /// Works the conditions out again and writes those that differ. Returns at once while that is under way: it is
    /// then done once more.
    func refresh() async {
        isStale = true
        guard !isRefreshing else { return }
        isRefreshing = true
        defer { isRefreshing = false }
        while isStale {
            isStale = false
            await refreshOnce()
        }
    }

    private func refreshOnce() async {
        await load()
        let state = world.snapshot
        // What a large fleet's conditions cost, the network would wait for: its round ends with another refresh.
        guard state.lookedRevision == state.revision else { return }
        guard hasLooked || hasLookedEverywhere(state) else { return }
        hasLooked = true
        let assessed = Assessment(state: state, localNode: localNode).conditions()
        let generations = Dictionary(
            state.accepted.acceptances.map { ($0.key.reference, $0.generation) },
            uniquingKeysWith: { a, _ in a })
        var isNew = await keep(assessed, generations: generations)
        for object in conditions.keys.sorted() where assessed[object] == nil && state.hasSnapshot {
            try? await records.remove(object: object)
            conditions[object] = nil
            written[object] = nil
            isNew = true
        }
        if isNew {
            notify()
            await saveReport?()
        }
    }

    /// Writes down what differs from what was written; says whether anything did.
    private func keep(_ assessed: [ResourceReference: [AssessedCondition]], generations: [ResourceReference: Int]) async
        -> Bool
    {
        let now = Date()
        var changed: [ResourceReference: [Condition]] = [:]
        for (object, wanted) in assessed {
            let generation = generations[object] ?? 0
            guard written[object] != Written(conditions: wanted, generation: generation) else { continue }
            written[object] = Written(conditions: wanted, generation: generation)
            changed[object] = wanted.map {
                Condition(
                    type: $0.type, status: $0.status, reason: $0.reason, message: $0.message, lastTransitionTime: now,
                    observedGeneration: generation)
            }
        }
        // A database that fails keeps nothing, and what is shown goes on without it.
        let stored = (try? await records.set(changed)) ?? changed
        await events(
            stored.sorted { $0.key < $1.key }.compactMap { object, wanted in
                let before = conditions.updateValue(wanted, forKey: object)
                return transition(of: object, from: before, to: assessed[object] ?? [])
            })
        return !changed.isEmpty
    }

    /// Readiness that comes or goes is an event of its own: it is what an operator waits for.
    private func transition(
        of object: ResourceReference, from before: [Condition]?, to after: [AssessedCondition]
    ) -> EventDraft? {
        guard let ready = after.first(where: { $0.type == .ready }) else { return nil }
        let previous = before?.first { $0.type == .ready }?.status
        guard previous != ready.status else { return nil }
        switch ready.status {
        case .true:
            return EventDraft(type: .normal, reason: Reason.ready, message: "is ready", regarding: object)
        case .false where previous == .true:
            return EventDraft(type: .warning, reason: ready.reason, message: ready.message, regarding: object)
        default: return nil
        }
    }

    private func load() async {
        guard !isLoaded else { return }
        isLoaded = true
        conditions = (try? await records.conditions()) ?? [:]
        hasLooked = conditions.isEmpty
        guard !hasLooked else { return }
        // A Podman that hangs or a peer that is gone must not hide the rest for ever.
        Task {
            try? await Task.sleep(for: .seconds(10))
            await stopWaiting()
        }
    }

    private func stopWaiting() async {
        guard !hasLooked else { return }
        hasLooked = true
        await refresh()
    }

    /// Whether both lanes have looked and every peer was asked: before that, a restart in an unchanged world would
    /// write conditions to Unknown and back.
    private func hasLookedEverywhere(_ state: World.State) -> Bool {
        state.isGoingDown
            || state.hasSnapshot && state.outstanding[.network] != nil && state.outstanding[.podman] != nil
                && state.desired.kernel.devices.allSatisfy { device in
                    device.peers.allSatisfy { state.probes[PeerKey(overlay: device.overlay, node: $0.node)] != nil }
                }
    }

    // MARK: Watchers

    func subscribe() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = nextObserver
        nextObserver += 1
        observers[id] = continuation
        continuation.onTermination = { @Sendable [weak self] _ in
            Task { await self?.unsubscribe(id) }
        }
        return stream
    }

    private func unsubscribe(_ id: Int) { observers[id] = nil }

    func notify() {
        for observer in observers.values { observer.yield() }
    }
}

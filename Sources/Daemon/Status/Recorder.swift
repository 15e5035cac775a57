internal import Differ
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
    private var written: [String: Written] = [:]
    private var conditions: [String: [Condition]] = [:]
    private var observers: [Int: AsyncStream<Void>.Continuation] = [:]
    private var nextObserver = 0
    private var isLoaded = false
    /// False after a restart, while the recorded conditions say more than has been seen yet.
    private var hasLooked = false
    /// One refresh at a time: an older assessment must not be written over a newer one.
    private var isRefreshing = false
    private var isStale = false
    private var lostEvents = 0
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

    var currentConditions: [String: [Condition]] { conditions }

    /// Warns that something could not be kept on disk, and counts it with the lost events.
    func storageFailed(_ what: String) async {
        lostEvents += 1
        await event(.warning, Reason.storageFailed, what, regarding: "node/\(localNode)")
    }

    /// - Parameter unreadable: parts of the observation that failed while the rest of it stood.
    func record<O>(_ round: Round<O>, lane: String, unreadable: [World.Failure] = []) async {
        let state = world.snapshot
        let regarding = Regarding(state.desired)
        for draft in RoundEvents.drafts(of: round, lane: lane, regarding: regarding, localNode: localNode) {
            await event(draft.type, draft.reason, draft.message, regarding: draft.regarding)
        }
        for conflict in round.changeSet.conflicts where !isKnown(conflict, lane: lane) {
            await event(.warning, Reason.conflict, conflict.message, regarding: conflict.subject)
        }
        for failure in unreadable where !isKnown(failure, lane: lane) {
            await event(.warning, Reason.failed, failure.text, regarding: failure.subject)
        }
        var outstanding = World.Outstanding()
        outstanding.error = round.observeError
        outstanding.held = round.changeSet.held
        outstanding.conflicts = round.changeSet.conflicts
        outstanding.failures = unreadable
        outstanding.failures += round.outcomes.compactMap { outcome in
            outcome.error.map { .init(subject: regarding.resource(of: outcome.change), text: $0) }
        }
        world.mutate { [outstanding] state in
            state.outstanding[lane] = outstanding
            guard state.isGoingDown else { return }
            state.teardownLines += round.outcomes.map { outcome in
                let words = Differ.describe(outcome.change)
                return "\(words.action) \(words.object)" + (outcome.error.map { ": \($0)" } ?? "")
            }
        }
        await refresh()
    }

    private func isKnown(_ conflict: Conflict, lane: String) -> Bool {
        world.snapshot.outstanding[lane]?.conflicts.contains(conflict) ?? false
    }

    private func isKnown(_ failure: World.Failure, lane: String) -> Bool {
        world.snapshot.outstanding[lane]?.failures.contains(failure) ?? false
    }

    func event(_ type: Event.EventType, _ reason: String, _ message: String, regarding: String) async {
        assert(ReasonTable.contains(reason), "\(reason) is missing in ReasonTable")
        let line = "\(regarding): \(reason): \(message)"
        if type == .warning { logger.warning("\(line)") } else { logger.info("\(line)") }
        let now = Date()
        do {
            _ = try await records.record(
                Event(
                    type: type, reason: reason, message: message, regarding: regarding, firstTimestamp: now,
                    lastTimestamp: now))
            if !records.isPersistent { lostEvents += 1 }
        } catch {
            lostEvents += 1
            logger.error("event not kept: \(error)")
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
        guard hasLooked || hasLookedEverywhere(state) else { return }
        hasLooked = true
        let assessed = Assessment(state: state, localNode: localNode).conditions()
        let generations = Dictionary(
            state.accepted.acceptances.map { ("\($0.key.kind.rawValue.lowercased())/\($0.key.name)", $0.generation) },
            uniquingKeysWith: { a, _ in a })
        var isNew = false
        for (object, wanted) in assessed.sorted(by: { $0.key < $1.key }) {
            let generation = generations[object] ?? 0
            guard written[object] != Written(conditions: wanted, generation: generation) else { continue }
            let now = Date()
            let values = wanted.map {
                Condition(
                    type: $0.type, status: $0.status, reason: $0.reason, message: $0.message, lastTransitionTime: now,
                    observedGeneration: generation)
            }
            let before = conditions[object]
            conditions[object] = (try? await records.set(values, for: object)) ?? values
            written[object] = Written(conditions: wanted, generation: generation)
            isNew = true
            await tellTransition(of: object, from: before, to: wanted)
        }
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

    /// Readiness that comes or goes is an event of its own: it is what an operator waits for.
    private func tellTransition(of object: String, from before: [Condition]?, to after: [AssessedCondition]) async {
        guard let ready = after.first(where: { $0.type == .ready }) else { return }
        let previous = before?.first { $0.type == .ready }?.status
        guard previous != ready.status else { return }
        switch ready.status {
        case .true: await event(.normal, Reason.ready, "is ready", regarding: object)
        case .false where previous == .true: await event(.warning, ready.reason, ready.message, regarding: object)
        default: break
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
            || state.hasSnapshot && state.outstanding["network"] != nil && state.outstanding["podman"] != nil
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

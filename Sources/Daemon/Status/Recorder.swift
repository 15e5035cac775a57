internal import Convergence
internal import Descriptors
internal import Foundation
internal import HostState
internal import Logging
internal import NetworkState
internal import PodmanState
internal import Reconciler
internal import Records
internal import Resources
internal import Synchronization

/// Records events, conditions, and the report that wgctl shows when no daemon answers.
///
/// Writes only differences. A database that fails stops nothing else: the network converges without it.
actor Recorder: RoundReporter {
    /// The actor assesses whole fleets: on its own queue it blocks nothing else.
    private let executor = QueueExecutor(label: "recorder")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let board: FactBoard
    let reports: FactWriter<LaneReports>
    private let records: Records
    private let disk: DiskQueue
    let localNode: String
    private let logger: Logger
    private var written: [ResourceReference: Written] = [:]
    /// Nodes whose Ready is the recorded one.
    private var unprobed: Set<ResourceReference> = []
    private var conditions: [ResourceReference: [Condition]] = [:]
    private let watchers = Broadcast<Void>()
    private var isLoaded = false
    /// False after a restart, while the recorded conditions are more complete than the observations.
    private var hasLooked = false
    /// One refresh at a time: an older assessment must not overwrite a newer one.
    private var isRefreshing = false
    private var isStale = false
    private var lostEvents = 0
    private let eventBacklog = EventBacklog()
    private let conditionBacklog = ConditionBacklog()
    private var isStorageFailureLogged = false
    var told = FailureLedger()
    private(set) var inventory: InventoryRecords?
    private let deciding = LaneRegistry.backends.filter { !$0.traits.decides.isEmpty }.map { $0.lane }
    private var saveReport: (@Sendable () async -> Void)?

    private struct Written: Equatable {
        var conditions: [AssessedCondition]
        var generation: Int
    }

    init(
        board: FactBoard, records: Records, disk: DiskQueue = DiskQueue(), localNode: String, logger: Logger
    ) {
        self.disk = disk
        self.board = board
        reports = board.writer()
        self.records = records
        self.localNode = localNode
        self.logger = logger
    }

    /// Retries the inventory's failed writes after each round; set once at start.
    func keep(_ inventory: InventoryRecords) { self.inventory = inventory }

    /// Saves the report after a change; set once at start.
    func onChange(_ save: @escaping @Sendable () async -> Void) { saveReport = save }

    /// The number of events that could not be stored.
    var eventsLost: Int { lostEvents }

    var currentConditions: [ResourceReference: [Condition]] { conditions }

    /// Warns that something could not be stored on disk, and counts it with the lost events.
    func storageFailed(_ what: String) async {
        lostEvents += 1
        await event(.warning, Reason.storageFailed, what, regarding: .node(localNode))
    }

    /// - Parameter milliseconds: below 0 when the clock went back. WireGuard's handshakes contain the time, and a peer
    ///   refuses one that is older than the last (WireGuard white paper, section 5.4.2).
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

    func event(_ type: Event.EventType, _ reason: String, _ message: String, regarding: ResourceReference) async {
        await events([EventDraft(type: type, reason: reason, message: message, regarding: regarding)])
    }

    func events(_ drafts: [EventDraft]) async {
        guard !drafts.isEmpty else { return }
        let now = Date()
        let events = drafts.map { draft in
            assert(ReasonTable.contains(draft.reason), "\(draft.reason) is missing in ReasonTable")
            let times = draft.count > 1 ? " (\(draft.count) times since this was last logged)" : ""
            // One event is one line, in tables and in the log; a condition keeps its lines.
            let message = draft.message.split(separator: "\n").joined(separator: "; ")
            let line = "\(draft.regarding): \(draft.reason): \(message)\(times)"
            if draft.type == .warning { logger.warning("\(line)") } else { logger.info("\(line)") }
            return Event(
                type: draft.type, reason: draft.reason, message: message, regarding: draft.regarding,
                count: draft.count, firstTimestamp: now, lastTimestamp: now)
        }
        lostEvents += eventBacklog.add(events)
        if !records.isPersistent { lostEvents += events.count }
        let reason = await disk.keep("events") { [eventBacklog, records] in try await eventBacklog.write(to: records) }
        if let reason, !isStorageFailureLogged { logger.error("events are not on disk yet: \(reason)") }
        isStorageFailureLogged = reason != nil
        notify()
    }

    /// Assesses the conditions again and writes those that differ. Returns at once if a refresh is running, which then
    /// runs once more.
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
        let state = board.facts
        // The network would wait for the assessment of a large fleet: the lane's round ends with another refresh.
        guard state[KernelObservation.self].comparedPlan == state.plan.number else { return }
        guard hasLooked || hasLookedEverywhere(state) else { return }
        hasLooked = true
        let assessed = sparing(Assessment(state: state, localNode: localNode).conditions())
        let generations = Dictionary(
            state.accepted.acceptances.map { ($0.key.reference, $0.generation) },
            uniquingKeysWith: { a, _ in a })
        var isNew = await keep(assessed, generations: generations)
        for object in conditions.keys.sorted() where assessed[object] == nil && state.hasSnapshot {
            conditionBacklog.remove(object)
            conditions[object] = nil
            written[object] = nil
            isNew = true
        }
        if isNew {
            await disk.keep("conditions") { [conditionBacklog, records] in
                try await conditionBacklog.write(to: records)
            }
            notify()
            await saveReport?()
        }
    }

    /// With the recorded Ready of nodes that were not probed yet since the start, for as long as an answer counts: with
    /// many peers the first probes take minutes, and a restart must not write conditions to Unknown and back.
    private func sparing(
        _ assessed: [ResourceReference: [AssessedCondition]]
    ) -> [ResourceReference: [AssessedCondition]] {
        var spared = assessed
        for (object, wanted) in assessed {
            guard written[object] == nil || unprobed.contains(object),
                let index = wanted.firstIndex(of: Assessment.notProbedYet),
                let recorded = conditions[object]?.first(where: { $0.type == .ready })
            else {
                unprobed.remove(object)
                continue
            }
            unprobed.insert(object)
            spared[object]?[index] = AssessedCondition(.ready, recorded.status, recorded.reason, recorded.message)
        }
        return spared
    }

    /// Writes the differences; returns whether there are any.
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
        // Conditions that the database cannot store are still shown.
        for (object, list) in changed { changed[object] = keepingTimes(list, of: object) }
        if !changed.isEmpty { conditionBacklog.set(changed) }
        let stored = changed
        await events(
            stored.sorted { $0.key < $1.key }.compactMap { object, wanted in
                let before = conditions.updateValue(wanted, forKey: object)
                return transition(of: object, from: before, to: assessed[object] ?? [])
            })
        return !changed.isEmpty
    }

    /// Sorted by type, each with the time of the condition before it if its status is the same.
    private func keepingTimes(_ list: [Condition], of object: ResourceReference) -> [Condition] {
        list.sorted { $0.type.rawValue < $1.type.rawValue }.map { condition in
            var condition = condition
            let before = conditions[object]?.first { $0.type == condition.type }
            if let before, before.status == condition.status {
                condition.lastTransitionTime = before.lastTransitionTime
            }
            return condition
        }
    }

    /// A change of readiness is an event: operators wait for it.
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
        let recorded = await disk.run { [records] in try? await records.conditions() }
        conditions = (recorded ?? nil) ?? [:]
        hasLooked = conditions.isEmpty
        guard !hasLooked else { return }
        // A Podman that hangs must not hide the rest for ever.
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

    /// Whether the lanes that decide a condition have observed: before that, a restart without any change would write
    /// conditions to Unknown and back.
    private func hasLookedEverywhere(_ state: Facts) -> Bool {
        state.isGoingDown
            || state.hasSnapshot && deciding.allSatisfy { state.outstanding[$0] != nil }
    }

    /// One element per change.
    nonisolated func subscribe() -> AsyncStream<Void> { watchers.stream() }

    nonisolated func notify() { watchers.send() }
}

internal import Convergence
internal import PodmanState
internal import NetworkState
internal import Foundation
internal import HostState
internal import Podman
internal import Reconciler
internal import Synchronization

/// The Podman lane: networks and containers. A Podman that hangs holds up this lane and nothing else.
final class PodmanLaneBackend: Backend {
    let world: World
    let localNode: String
    let podman: PodmanBackend
    let records: InventoryRecords
    let recorder: Recorder
    let signals: Signals
    /// Shared with dry runs, which must see what is under way.
    let slowSteps: SlowSteps
    private let starts = Mutex(StartBackoff())

    init(
        world: World, localNode: String, podman: PodmanBackend, slowSteps: SlowSteps, records: InventoryRecords,
        recorder: Recorder, signals: Signals
    ) {
        self.slowSteps = slowSteps
        self.world = world
        self.localNode = localNode
        self.podman = podman
        self.records = records
        self.recorder = recorder
        self.signals = signals
    }

    /// Podman, with what was wanted when it was asked.
    struct Observation: Sendable {
        var podman: ObservedPodman
        var state: World.State
    }

    func revision(of observed: Observation) -> Revision {
        Revision(wanted: observed.state.revision, neighbours: observed.state.kernelRevision)
    }

    func observe() async throws -> Observation {
        var state = world.snapshot
        let images = Set(state.desired.podman.containers.map(\.image))
        // What ends while Podman is asked is not there any more, or still under way: never there and forgotten.
        let (removals, restoring) = (await slowSteps.removals, await slowSteps.restoring)
        var observed = try await podman.observe(images: images)
        observed.removals = removals
        observed.restoring = restoring
        let node = state.identities.original(ofNode: localNode)
        await records.amend { [observed] in $0.adopt(observed, node: node) }
        // One picture: what has been removed since Podman was asked is still ours in what it answered.
        state.inventory.adopt(observed, node: node)
        return Observation(podman: observed, state: state)
    }

    func changes(from observed: Observation) async -> ChangeSet<PodmanChange> {
        let state = observed.state
        guard state.hasSnapshot else { return ChangeSet() }
        var context = PodmanContext(node: state.identities.original(ofNode: localNode))
        context.kernel = state.kernel
        context.desiredKernel = state.desired.kernel
        context.freshImages = await podman.freshImages()
        context.frozen = state.desired.frozen
        context.stopTimeoutLimit = state.policy.stopTimeoutLimit
        let changes = Differ.podmanChanges(
            from: observed.podman, to: state.desired.podman, inventory: state.inventory, context: context)
        let wanted = Set(state.desired.podman.containers.map(\.name))
        let justEnded = PodmanLaneBackend.justEnded(observed.podman, at: Int64(Date().timeIntervalSince1970))
        return state.sparing(
            starts.withLock { $0.hold(changes, desired: wanted, justEnded: justEnded, at: .now) }, lane: .podman)
    }

    /// The containers that ended a moment ago. One that never ran has not ended, and needs no patience.
    private static func justEnded(_ podman: ObservedPodman, at now: Int64) -> Set<String> {
        Set(
            podman.containers.values.filter { container in
                // Podman's seconds may be those before; and a clock that went back says nothing.
                container.startedAt > 0 && !container.isLive && (container.endedAt.map { now - $0 <= 3 } ?? true)
            }.map(\.name))
    }

    func nextDue() -> ContinuousClock.Instant? { starts.withLock { $0.nextDue } }

    func underWay() async -> Set<PodmanObject> { await slowSteps.objects }

    func apply(_ changes: [PodmanChange]) async -> [Outcome<PodmanChange>] {
        var outcomes: [Outcome<PodmanChange>] = []
        var slow: [(id: String, change: PodmanChange)] = []
        for step in changes {
            KillPoint.pass()
            let written = await records.amend { $0.willApply(step) }
            // Without a record, the seal alone can tell after a restart.
            let nonce = records.isUnrecorded ? Nonce.random(isRecorded: false) : written
            KillPoint.pass()
            switch step {
            case .removeContainer(_, let id, _), .restoreContainer(_, let id, faults: _):
                // The one that is under way says how it ends; the next look says what is left.
                guard await slowSteps.begin(step, on: id) else { continue }
                slow.append((id, step))
                // Killed between two steps means: one has been made, and the next has not.
                if KillPoint.isArmed { outcomes += await settle(&slow) }
            default: outcomes.append(await apply(step, nonce: nonce))
            }
        }
        outcomes += await settle(&slow)
        KillPoint.pass()
        return outcomes
    }

    private func apply(_ step: PodmanChange, nonce: String) async -> Outcome<PodmanChange> {
        var outcome = Outcome(step)
        do {
            try await podman.apply(step, nonce: nonce) { [records] id in
                KillPoint.pass()
                await records.amend { $0.didCreate(step, id: id) }
                KillPoint.pass()
            }
        } catch {
            outcome.error = "\(error)"
        }
        noteStart(step, outcome.error)
        await records.amend { [outcome] in $0.didApply([outcome]) }
        return outcome
    }

    /// Waits a moment for the steps that wait for containers to end. What goes on then has no outcome yet.
    private func settle(_ slow: inout [(id: String, change: PodmanChange)]) async -> [Outcome<PodmanChange>] {
        let ends = await slowSteps.settle(slow.map(\.id))
        var outcomes: [Outcome<PodmanChange>] = []
        for (id, change) in slow {
            switch ends[id] {
            case .ended(let error): outcomes.append(Outcome(change, error: error))
            case .goesOn, nil: await recorder.goesOn(change, isQueued: await slowSteps.isQueued(id))
            }
        }
        slow = []
        await records.amend { [outcomes] in $0.didApply(outcomes) }
        return outcomes
    }

    private func noteStart(_ step: PodmanChange, _ error: String?) {
        starts.withLock { starts in
            switch step {
            case .createContainer(let container):
                if let error {
                    starts.failed(toCreate: container, error, at: .now)
                } else {
                    starts.started(container.name, isFirst: true, at: .now)
                }
            case .startContainer(let container, _): starts.started(container.name, error: error, at: .now)
            default: break
            }
        }
    }

    func finished(_ round: Round<Observation, PodmanChange>) async {
        let view: PodmanView =
            if let observed = round.observed { .observed(observed.podman) } else { .unavailable }
        let pullErrors = await podman.pullErrors()
        let startErrors = starts.withLock { $0.errors }
        let isNew = world.mutate { state in
            state.pullErrors = pullErrors
            state.startErrors = startErrors
            if let observed = round.observed {
                state.noteArrivals(in: observed.podman)
                if round.isConverged { state.noteLook(of: .podman, seen: observed.state) }
            }
            let isNew = state.podman != view
            state.podman = view
            if isNew { state.podmanRevision += 1 }
            return isNew
        }
        if isNew { signals.podmanObserved() }
        if let observed = round.observed, observed.state.hasSnapshot, !observed.state.sparing.contains(.podman) {
            let underWay = Set(observed.podman.removals.keys)
            await records.amend { $0.endRemovals(notIn: round.changeSet, underWay: underWay) }
        }
        await records.retry()
        await recorder.record(round, lane: .podman)
    }
}

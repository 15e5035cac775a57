internal import Differ
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
    private let starts = Mutex(StartBackoff())

    init(
        world: World, localNode: String, podman: PodmanBackend, records: InventoryRecords, recorder: Recorder,
        signals: Signals
    ) {
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
        let state = world.snapshot
        let images = Set(state.desired.podman.containers.map(\.image))
        return Observation(podman: try await podman.observe(images: images), state: state)
    }

    func changes(from observed: Observation) async -> ChangeSet {
        let state = observed.state
        guard state.hasSnapshot else { return ChangeSet() }
        var context = PodmanContext(node: state.identities.original(ofNode: localNode))
        context.kernel = state.kernel
        context.desiredKernel = state.desired.kernel
        context.freshImages = await podman.freshImages()
        context.frozen = state.desired.frozen
        let changes = Differ.podmanChanges(
            from: observed.podman, to: state.desired.podman, inventory: state.inventory, context: context)
        let wanted = Set(state.desired.podman.containers.map(\.name))
        return state.sparing(starts.withLock { $0.hold(changes, desired: wanted, at: .now) }, lane: "podman")
    }

    func nextDue() -> ContinuousClock.Instant? { starts.withLock { $0.nextDue } }

    func apply(_ changes: [Change]) async -> [Outcome] {
        var outcomes: [Outcome] = []
        for change in changes {
            guard case .podman(let step) = change else { continue }
            KillPoint.pass()
            await records.willApply(step)
            KillPoint.pass()
            do {
                try await podman.apply(step)
                outcomes.append(Outcome(change))
                noteStart(step, hasFailed: false)
            } catch {
                outcomes.append(Outcome(change, error: "\(error)"))
                noteStart(step, hasFailed: true)
            }
        }
        KillPoint.pass()
        await records.didApply(outcomes)
        return outcomes
    }

    private func noteStart(_ step: PodmanChange, hasFailed: Bool) {
        starts.withLock { starts in
            switch step {
            case .createContainer(let container) where hasFailed: starts.failed(toCreate: container, at: .now)
            case .createContainer(let container): starts.started(container.name, isFirst: true, at: .now)
            case .startContainer(let container, _): starts.started(container.name, at: .now)
            default: break
            }
        }
    }

    func finished(_ round: Round<Observation>) async {
        let view: KernelContext.PodmanView =
            if let observed = round.observed { .observed(observed.podman) } else { .unavailable }
        let pullErrors = await podman.pullErrors()
        let isNew = world.mutate { state in
            state.pullErrors = pullErrors
            if let observed = round.observed {
                state.noteArrivals(in: observed.podman)
                if round.isConverged { state.noteLook(of: "podman", seen: observed.state) }
            }
            let isNew = state.podman != view
            state.podman = view
            if isNew { state.podmanRevision += 1 }
            return isNew
        }
        if isNew { signals.podmanObserved() }
        await records.retry()
        await recorder.record(round, lane: "podman")
    }
}

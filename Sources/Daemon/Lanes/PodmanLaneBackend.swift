internal import Differ
internal import HostState
internal import Podman
internal import Reconciler

/// The Podman lane: networks and containers. A Podman that hangs holds up this lane and nothing else.
struct PodmanLaneBackend: Backend {
    let world: World
    let localNode: String
    let podman: PodmanBackend
    let records: InventoryRecords
    let recorder: Recorder
    let signals: Signals

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
        var context = PodmanContext(node: localNode)
        context.kernel = state.kernel
        context.desiredKernel = state.desired.kernel
        context.freshImages = await podman.freshImages()
        return Differ.podmanChanges(
            from: observed.podman, to: state.desired.podman, inventory: state.inventory, context: context)
    }

    func apply(_ changes: [Change]) async -> [Outcome] {
        var outcomes: [Outcome] = []
        for change in changes {
            guard case .podman(let step) = change else { continue }
            do {
                try await records.willApply(step)
                try await podman.apply(step)
                outcomes.append(Outcome(change))
            } catch {
                outcomes.append(Outcome(change, error: "\(error)"))
            }
        }
        await records.didApply(outcomes)
        return outcomes
    }

    func finished(_ round: Round<Observation>) async {
        let view: KernelContext.PodmanView =
            if let observed = round.observed { .observed(observed.podman) } else { .unavailable }
        let pullErrors = await podman.pullErrors()
        let isNew = world.mutate { state in
            state.pullErrors = pullErrors
            if let observed = round.observed?.podman, case .observed(let before) = state.podman {
                let wasLive = Set(before.containers.values.filter(\.isLive).map(\.name))
                state.arrived += state.desired.podman.containers.filter { container in
                    !wasLive.contains(container.name) && observed.containers[container.name]?.isLive ?? false
                        && !state.arrived.contains { $0.name == container.name }
                }
            }
            let isNew = state.podman != view
            state.podman = view
            if isNew { state.podmanRevision += 1 }
            return isNew
        }
        if isNew { signals.podmanObserved() }
        await recorder.record(round, lane: "podman")
    }
}

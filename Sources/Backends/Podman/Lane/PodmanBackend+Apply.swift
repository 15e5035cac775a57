public import Convergence
internal import HostState
internal import Podman
public import PodmanState
internal import Reconciler
internal import Synchronization

extension PodmanBackend {
    public func apply(_ changes: [PodmanChange]) async -> [Outcome<PodmanChange>] {
        var outcomes: [Outcome<PodmanChange>] = []
        var slow: [(id: String, change: PodmanChange)] = []
        for step in changes {
            KillPoint.pass()
            let written = await inventory.amend { $0.willApply(step) }
            // Without a record, only the seal identifies the object after a restart.
            let nonce = inventory.isUnrecorded ? Nonce.random(isRecorded: false) : written
            KillPoint.pass()
            switch step {
            case .removeContainer(_, let id, _), .restoreContainer(_, let id, faults: _):
                // The running step reports its end; the next observation shows what is left.
                guard await slowSteps.begin(step, on: id) else { continue }
                slow.append((id, step))
                // A kill between two steps means: one is complete, and the next has not begun.
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
            try await podman.apply(step, nonce: nonce) { [inventory] id in
                KillPoint.pass()
                await inventory.amend { $0.didCreate(step, id: id) }
                KillPoint.pass()
            }
        } catch {
            outcome.failure = Failure(error)
        }
        noteStart(step, outcome.error)
        await inventory.amend { [outcome] in $0.didApply([outcome]) }
        return outcome
    }

    /// Waits briefly for the steps that wait for containers to end. A step that continues has no outcome yet.
    private func settle(_ slow: inout [(id: String, change: PodmanChange)]) async -> [Outcome<PodmanChange>] {
        let ends = await slowSteps.settle(slow.map(\.id))
        var outcomes: [Outcome<PodmanChange>] = []
        for (id, change) in slow {
            switch ends[id] {
            case .ended(let failure): outcomes.append(Outcome(change, failure: failure))
            case .goesOn, nil:
                await reporter.goesOn(change, progress: change.progress(isQueued: await slowSteps.isQueued(id)))
            }
        }
        slow = []
        await inventory.amend { [outcomes] in $0.didApply(outcomes) }
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
            case .haltContainer(let container, _) where error == nil: starts.halted(container.name, at: .now)
            default: break
            }
        }
    }
}

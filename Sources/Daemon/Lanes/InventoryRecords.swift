internal import HostState
internal import Reconciler
internal import Records

/// Keeps the inventory ahead of the host: intent is on disk before a thing is made, and goes after it is gone.
struct InventoryRecords: Sendable {
    let world: World
    let records: Records

    /// - Throws: what the database throws; then nothing must be made.
    func willApply(_ changes: [KernelChange]) async throws {
        let isNew = world.mutate { state in
            let before = state.inventory
            for change in changes {
                switch change {
                case .createLink(let link):
                    state.inventory.links.insert(link.name)
                    if case .veth(let peer) = link.kind { state.inventory.links.insert(peer) }
                case .setSysctl(let sysctl, .some(let found))
                where state.inventory.sysctlsBefore[sysctl.key] == nil:
                    state.inventory.sysctlsBefore[sysctl.key] = found
                default: break
                }
            }
            return state.inventory != before
        }
        if isNew { try await records.save(world.snapshot.inventory) }
    }

    func willApply(_ change: PodmanChange) async throws {
        let isNew = world.mutate { state in
            switch change {
            case .createNetwork(let network): state.inventory.networks.insert(network.name).inserted
            case .createContainer(let container): state.inventory.containers.insert(container.name).inserted
            default: false
            }
        }
        if isNew { try await records.save(world.snapshot.inventory) }
    }

    /// Forgets what is gone. A failure to save is harmless: the mark on the object decides as well.
    func didApply(_ outcomes: [Outcome]) async {
        let isNew = world.mutate { state in
            let before = state.inventory
            for outcome in outcomes where outcome.error == nil {
                switch outcome.change {
                case .kernel(.deleteLink(let link)): state.inventory.links.remove(link.name)
                case .kernel(.restoreSysctl(let key, _)): state.inventory.sysctlsBefore[key] = nil
                case .podman(.removeNetwork(let name)): state.inventory.networks.remove(name)
                case .podman(.removeContainer(let name, _, _)): state.inventory.containers.remove(name)
                default: break
                }
            }
            return state.inventory != before
        }
        if isNew { try? await records.save(world.snapshot.inventory) }
    }
}

internal import HostState
internal import Reconciler
internal import Records

/// Keeps the inventory ahead of the host: intent is on disk before a thing is made, and goes after it is gone.
///
/// A disk that cannot be written stops no network: the marks on the objects decide as well, and the inventory is
/// written as soon as the disk takes it.
struct InventoryRecords: Sendable {
    let world: World
    let records: Records
    let recorder: Recorder

    func willApply(_ changes: [KernelChange]) async {
        let isNew = world.mutate { state in
            let before = state.inventory
            for change in changes {
                switch change {
                case .createLink(let link): state.inventory.add(link)
                case .setSysctl(let sysctl, .some(let found))
                where state.inventory.sysctlsBefore[sysctl.key] == nil:
                    state.inventory.sysctlsBefore[sysctl.key] = found
                default: break
                }
            }
            return state.inventory != before
        }
        if isNew { await save() }
    }

    func willApply(_ change: PodmanChange) async {
        let isNew = world.mutate { state in
            switch change {
            case .createNetwork(let network): state.inventory.networks.insert(network.name).inserted
            case .createContainer(let container): state.inventory.containers.insert(container.name).inserted
            default: false
            }
        }
        if isNew { await save() }
    }

    func willApply(_ change: FirewallChange) async {
        guard case .replaceTable = change else { return }
        if world.update(\.inventory.firewallTable, to: DesiredFirewall.table) { await save() }
    }

    /// Forgets what is gone.
    func didApply(_ outcomes: [Outcome]) async {
        let isNew = world.mutate { state in
            let before = state.inventory
            for outcome in outcomes where outcome.error == nil {
                switch outcome.change {
                case .kernel(.deleteLink(let link)): state.inventory.links.remove(link.name)
                // A link that is made again in the place of one that was just deleted.
                case .kernel(.createLink(let link)): state.inventory.add(link)
                case .kernel(.restoreSysctl(let key, _)): state.inventory.sysctlsBefore[key] = nil
                case .podman(.removeNetwork(let name)): state.inventory.networks.remove(name)
                case .podman(.removeContainer(let name, _, _)): state.inventory.containers.remove(name)
                case .firewall(.deleteTable): state.inventory.firewallTable = nil
                default: break
                }
            }
            return state.inventory != before
        }
        if isNew { await save() }
    }

    /// Writes what an earlier failure left unwritten.
    func retry() async {
        if world.snapshot.isInventoryUnsaved { await save() }
    }

    private func save() async {
        do {
            try await records.save(world.snapshot.inventory)
            world.mutate { $0.isInventoryUnsaved = false }
        } catch {
            // Told once, not in every round.
            let isFirst = world.mutate { state in
                defer { state.isInventoryUnsaved = true }
                return !state.isInventoryUnsaved
            }
            if isFirst { await recorder.storageFailed("the inventory is not kept: \(error)") }
        }
    }
}

extension Inventory {
    fileprivate mutating func add(_ link: DesiredLink) {
        links.insert(link.name)
        if case .veth(let peer) = link.kind { links.insert(peer) }
    }
}

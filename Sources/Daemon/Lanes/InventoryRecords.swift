internal import Foundation
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
    /// A dry run changes its own copy of the world and writes nothing.
    var isDryRun = false

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

    /// Takes in what Podman has that is ours and was not known by its id.
    ///
    /// - Parameter node: the name that this host's Node had when its containers were made.
    func adopt(_ podman: ObservedPodman, node: String) async {
        let isNew = world.mutate { state in
            let before = state.inventory
            state.inventory.adopt(podman, node: node)
            return state.inventory != before
        }
        if isNew { await save() }
    }

    /// - Returns: the nonce for the seal of what is created.
    func willApply(_ change: PodmanChange) async -> String {
        let (nonce, isNew) = world.mutate { state -> (String, Bool) in
            let before = state.inventory
            var nonce = ""
            switch change {
            case .createNetwork(let network): nonce = state.inventory.intend(\.networks, network.name)
            case .createContainer(let container): nonce = state.inventory.intend(\.containers, container.name)
            default: break
            }
            return (nonce, state.inventory != before)
        }
        if isNew { await save() }
        // Without a record, the seal alone can tell after a restart.
        let isUnrecorded = !records.isPersistent || world.read { $0.isInventoryUnsaved }
        return isUnrecorded ? Nonce.random(isRecorded: false) : nonce
    }

    /// Podman has made something: from now on it is known by its id.
    func didCreate(_ change: PodmanChange, id: String) async {
        world.mutate { state in
            switch change {
            case .createNetwork(let network): state.inventory.networks[network.name]?.id = id
            case .createContainer(let container): state.inventory.containers[container.name]?.id = id
            default: break
            }
        }
        await save()
    }

    func willApply(_ change: FirewallChange) async {
        guard case .replaceTable = change else { return }
        if world.update(\.inventory.firewallTable, to: DesiredFirewall.table) { await save() }
    }

    /// Forgets what is gone.
    func didApply(_ outcomes: [Outcome]) async {
        let isNew = world.mutate { state in
            let before = state.inventory
            for outcome in outcomes where outcome.error != nil {
                // It was not removed after all: the next removal gives it its whole time.
                if case .podman(.removeContainer(let name, let id, _)) = outcome.change {
                    state.inventory.endRemoval(of: name, id: id)
                }
            }
            for outcome in outcomes where outcome.error == nil {
                switch outcome.change {
                case .kernel(.deleteLink(let link)): state.inventory.links.remove(link.name)
                // A link that is made again in the place of one that was just deleted.
                case .kernel(.createLink(let link)): state.inventory.add(link)
                case .kernel(.restoreSysctl(let key, _)): state.inventory.sysctlsBefore[key] = nil
                case .podman(.removeNetwork(let name)): state.inventory.networks[name] = nil
                case .podman(.removeContainer(let name, let id, _)):
                    // Another one of its name may have been made meanwhile.
                    if state.inventory.containers[name]?.id == id { state.inventory.containers[name] = nil }
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

    func save() async {
        guard !isDryRun else { return }
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

    /// Writes down that something is about to be made.
    ///
    /// - Returns: its nonce: that of an earlier attempt, which Podman may still bring to its end.
    fileprivate mutating func intend(
        _ list: WritableKeyPath<Inventory, [String: OwnedObject]>, _ name: String
    ) -> String {
        if let known = self[keyPath: list][name], known.id == nil, let nonce = known.nonce { return nonce }
        let nonce = Nonce.random()
        self[keyPath: list][name] = OwnedObject(nonce: nonce)
        return nonce
    }
}

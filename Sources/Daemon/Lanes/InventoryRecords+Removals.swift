internal import Foundation
internal import HostState
internal import Reconciler

/// When removals began, so that a daemon that starts in the middle of one goes on with it and does not begin anew.
extension InventoryRecords {
    /// Notes that a removal begins now, unless an earlier life of this daemon has begun it.
    ///
    /// - Returns: the change with the seconds that are left of its timeout.
    func begin(_ change: PodmanChange) async -> PodmanChange {
        guard case .removeContainer(let name, let id, let timeout) = change else { return change }
        let now = Int64(Date().timeIntervalSince1970)
        let (began, isNew) = world.mutate { state -> (Int64, Bool) in
            guard let known = state.inventory.containers[name], known.id == id else { return (now, false) }
            if let began = known.removalBegan { return (began, false) }
            state.inventory.containers[name]?.removalBegan = now
            return (now, true)
        }
        if isNew { await save() }
        let elapsed = max(Int(clamping: now - began), 0)
        return .removeContainer(name: name, id: id, timeout: max(timeout - elapsed, min(timeout, 1)))
    }

    /// Forgets the beginning of removals that nothing goes on with: the container is wanted again, as it is. One that is
    /// removed later has its whole time to end.
    ///
    /// - Parameters:
    ///   - changeSet: what a whole comparison found to do.
    ///   - underWay: the ids of the containers that were being removed when Podman was asked.
    func endRemovals(notIn changeSet: ChangeSet, underWay: Set<String>) async {
        let open = Set(
            (changeSet.changes + changeSet.held.map(\.change)).compactMap { change in
                // What is started or restored stays. What is created may stand in the place of the one that goes.
                switch change {
                case .podman(.removeContainer(let name, _, _)): name
                case .podman(.createContainer(let container)): container.name
                default: nil
                }
            })
        let isNew = world.mutate { state in
            let before = state.inventory
            for (name, known) in before.containers where known.removalBegan != nil && !open.contains(name) {
                guard let id = known.id, !underWay.contains(id) else { continue }
                state.inventory.endRemoval(of: name, id: id)
            }
            return state.inventory != before
        }
        if isNew { await save() }
    }
}

extension Inventory {
    mutating func endRemoval(of name: String, id: String) {
        if containers[name]?.id == id { containers[name]?.removalBegan = nil }
    }
}

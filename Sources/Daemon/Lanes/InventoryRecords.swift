internal import HostState
internal import Records

/// Keeps the inventory ahead of the host: intent is on disk before an object is created, and removed after it is gone.
///
/// A disk that cannot be written stops no network: the marks on the objects decide as well, and the inventory is
/// written as soon as the disk accepts it.
struct InventoryRecords: Sendable {
    let world: World
    let records: Records
    let recorder: Recorder
    /// A dry run changes its own copy of the world and writes nothing.
    var isDryRun = false

    /// Changes the inventory, and saves it if it differs.
    @discardableResult
    func amend<Result: Sendable>(_ body: @Sendable (inout Inventory) -> Result) async -> Result {
        let (result, isNew) = world.mutate { state in
            let before = state.inventory
            let result = body(&state.inventory)
            return (result, state.inventory != before)
        }
        if isNew { await save() }
        return result
    }

    /// Whether what was written ahead is lost if the daemon is killed now.
    var isUnrecorded: Bool { !records.isPersistent || world.read { $0.isInventoryUnsaved } }

    /// Writes what an earlier failure left unwritten.
    func retry() async {
        if world.read({ $0.isInventoryUnsaved }) { await save() }
    }

    func save() async {
        guard !isDryRun else { return }
        do {
            try await records.save(world.read { $0.inventory })
            world.mutate { $0.isInventoryUnsaved = false }
        } catch {
            // Reported once, not in every round.
            let isFirst = world.mutate { state in
                defer { state.isInventoryUnsaved = true }
                return !state.isInventoryUnsaved
            }
            if isFirst { await recorder.storageFailed("the inventory is not kept: \(error)") }
        }
    }
}

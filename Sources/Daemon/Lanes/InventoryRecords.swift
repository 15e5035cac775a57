internal import HostState
internal import Reconciler
internal import Records

/// Writes the inventory before the host: intent is on disk before an object is created, and removed after it is gone.
///
/// An unwritable disk stops no network: the marks on the objects decide as well, and the inventory is written as soon
/// as the disk accepts it.
struct InventoryRecords: InventoryKeeper {
    let state: FactWriter<InventoryState>
    let records: Records
    var disk = DiskQueue()
    let recorder: Recorder

    @discardableResult
    func amend<Result: Sendable>(_ body: @Sendable (inout Inventory) -> Result) async -> Result {
        let (result, isNew) = state.change { state in
            let before = state.inventory
            let result = body(&state.inventory)
            return (result, state.inventory != before)
        }
        if isNew { await save() }
        return result
    }

    /// Records the MTU by which interfaces are sized, once one is known, unless `wgctl down` has begun.
    func keep(underlayMTU: UInt32, unlessGoingDown plan: FactWriter<PlanState>) async {
        let isNew = plan.update({ _ in false }, with: state) { state, plan in
            guard !plan.isGoingDown, state.inventory.underlayMTU == nil else { return false }
            state.inventory.underlayMTU = underlayMTU
            return true
        }
        if isNew { await save() }
    }

    var isUnrecorded: Bool { !records.isPersistent || state.value.isUnsaved }

    /// Writes what an earlier failure left unwritten; what is still queued for the disk is not written twice.
    func retry() async {
        if state.value.isUnsaved, disk.queued == 0 { await save() }
    }

    func save() async {
        let error = await disk.run { () -> String? in
            // The current one: an older inventory must not overwrite a newer one.
            let inventory = state.value.inventory
            do {
                try await records.save(inventory)
            } catch {
                return "\(error)"
            }
            state.update { state in
                guard state.isUnsaved, state.inventory == inventory else { return false }
                state.isUnsaved = false
                return true
            }
            return nil
        }
        switch error {
        case nil: await failed("the disk does not answer")
        case .some(.some(let reason)): await failed(reason)
        case .some(nil): break
        }
    }

    private func failed(_ reason: String) async {
        // Reported once, not in every round.
        if state.set(\.isUnsaved, to: true) { await recorder.storageFailed("the inventory is not kept: \(reason)") }
    }
}

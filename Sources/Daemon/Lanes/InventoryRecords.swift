internal import Descriptors
internal import HostState
internal import Reconciler
internal import Records

/// Keeps the inventory ahead of the host: intent is on disk before an object is created, and removed after it is gone.
///
/// A disk that cannot be written stops no network: the marks on the objects decide as well, and the inventory is
/// written as soon as the disk accepts it.
struct InventoryRecords: InventoryKeeper {
    let state: FactWriter<InventoryState>
    let records: Records
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

    var isUnrecorded: Bool { !records.isPersistent || state.value.isUnsaved }

    /// Writes what an earlier failure left unwritten.
    func retry() async {
        if state.value.isUnsaved { await save() }
    }

    /// How long a lane waits for the disk: after that the network goes ahead of it.
    static let patience = Duration.seconds(2)

    func save() async {
        let isDone = await Patience.wait(atMost: Self.patience) {
            do {
                try await records.save(state.value.inventory)
                state.set(\.isUnsaved, to: false)
            } catch {
                await failed("\(error)")
            }
        }
        if !isDone { await failed("the disk has not answered for \(Self.patience)") }
    }

    private func failed(_ reason: String) async {
        // Reported once, not in every round.
        if state.set(\.isUnsaved, to: true) { await recorder.storageFailed("the inventory is not kept: \(reason)") }
    }
}

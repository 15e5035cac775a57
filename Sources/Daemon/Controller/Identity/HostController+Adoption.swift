internal import Convergence
internal import HostState
internal import Reconciler
internal import Records
internal import Resources

extension HostController {
    struct AdoptionOutcome: Sendable {
        /// The Node that this host serves from now on.
        var node: String
        /// nil when it served that Node already.
        var successor: Continuation?
    }

    /// Transfers what this host has as the Node `old` to another Node: nothing on the host changes.
    ///
    /// - Parameter new: nil for the Node with this host's public key, otherwise for the Node with this host's name.
    /// - Throws: `Adoption.Refusal`.
    nonisolated func adopt(from old: String, to new: String?) async throws(Adoption.Refusal) -> AdoptionOutcome {
        try await inbox.perform(on: self) { controller in
            do throws(Adoption.Refusal) {
                return Result<AdoptionOutcome, Adoption.Refusal>.success(
                    try await controller.adoptInTurn(from: old, to: new))
            } catch {
                return .failure(error)
            }
        }.get()
    }

    private func adoptInTurn(from old: String, to new: String?) async throws(Adoption.Refusal) -> AdoptionOutcome {
        let state = board.facts
        guard isFollowing else { throw Adoption.Refusal("wgd is stopping: try again when it runs") }
        if let reason = state.source.error { throw Adoption.Refusal("nothing changes while \(reason)") }
        guard state.hasSnapshot else { throw Adoption.Refusal("wgd has not read its manifests yet: try again") }
        guard records.isPersistent else {
            throw Adoption.Refusal(
                "\(options.databasePath) cannot be written, and the next start would not know of it: fix that first")
        }
        guard old == options.node else {
            let isDone = state.identities.original(ofNode: options.node) == old && (new ?? options.node) == options.node
            if isDone { return AdoptionOutcome(node: options.node) }
            throw Adoption.Refusal(
                "this host serves Node/\(options.node), and has nothing of Node/\(old): "
                    + "run `wgctl adopt --from \(options.node)`")
        }
        var quarantine = acceptance.quarantine
        let adoption = try acceptance.acceptor.adoption(
            from: old, to: new, files: quarantine.apply(to: acceptance.files), of: state.accepted,
            host: .init(name: options.hostName, publicKey: keys.publicKey(), keys: effectiveKeys),
            limits: options.pruneLimits)
        var identities = self.identities(after: adoption.accepted)
        identities.node = identities.takingOver(from: old, to: adoption.new)
        let successor = Continuation(served: ServedRecord(node: adoption.new), identities: identities)
        do {
            try await write(lastGood: adoption.accepted.lastGood, successor)
        } catch {
            throw Adoption.Refusal("\(error): nothing has changed")
        }
        // The state in memory belongs to the previous Node, and must not be written any more.
        stopFollowing()
        await recorder.event(
            .normal, Reason.adopted, "goes on with what Node/\(old) had on this host", regarding: .node(adoption.new)
        )
        return AdoptionOutcome(node: adoption.new, successor: successor)
    }
}

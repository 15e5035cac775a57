internal import Convergence
internal import HostState
internal import NetAddress
internal import Planner
internal import Reconciler
internal import Records
internal import Resources

extension HostController {
    /// What this host carries, as evidence of which Node has what.
    func claims(of past: HostEvidence) -> Evidence {
        past.ofClaims(node: options.node, ownKey: keys.publicKey(), keys: effectiveKeys)
    }

    /// Decides from the accepted set which Node this host is, and under which names its objects were created.
    ///
    /// - Parameter past: what this host carries, when nothing is recorded of it.
    /// - Returns: false when another Node is to be served than this daemon was started for: nothing may be planned
    ///   then, because the daemon restarts.
    func settleIdentity(_ accepted: AcceptedSet, past: HostEvidence?) async -> Bool {
        let ownKey = keys.publicKey()
        let last = served?.node ?? past?.podman?.maker
        let decided = ServedNode(
            among: accepted.live.nodes, called: options.hostName, last: last, ownKey: ownKey, keys: effectiveKeys)
        var identities = facts.identity.value.identities
        if let past {
            let recovered = Identities(
                recoveredFrom: past.kernel, past.podman, resources: accepted.live, node: decided.name, ownKey: ownKey,
                publicKeys: effectiveKeys)
            identities.node = identities.node ?? recovered.node
            identities.overlays.merge(recovered.overlays) { known, _ in known }
        } else if let last = served?.node, decided.name != last {
            identities.node = identities.takingOver(from: last, to: decided.name)
        }
        guard decided.name == options.node, identities.node == facts.identity.value.identities.node else {
            await begin(as: decided.name, identities)
            return false
        }
        if facts.identity.set(\.identities, to: identities) {
            await disk.keep(Self.renamedNames) { [records, facts] in
                try await records.save(facts.identity.value.identities)
            }
        }
        await remember(isLive: accepted.live.nodes.contains { $0.metadata.name == options.node })
        return true
    }

    /// Ends this daemon, which continues in the same process as another Node. The host stays unchanged meanwhile.
    private func begin(as node: String, _ identities: Identities) async {
        stopFollowing()
        let successor = Continuation(
            served: ServedRecord(node: node), identities: identities,
            sparing: Set(lanes.all.filter(\.isSparing).map(\.name)))
        do {
            try await write(lastGood: acceptance.lastGood, successor)
        } catch {
            await recorder.storageFailed("which Node is served is not kept: \(error)")
        }
        stop.begin(anewWith: successor)
    }

    private static let renamedNames = "the names of renamed resources"
    private static let servedNode = "which Node is served"

    /// Writes what this host goes on as. What still waits for the disk belongs to the previous Node.
    func write(lastGood: [LastGood], _ successor: Continuation) async throws {
        try await disk.replace([Self.lastGoodManifests, Self.renamedNames, Self.servedNode]) { [records] in
            try await records.save(lastGood: lastGood, identities: successor.identities, served: successor.served)
        }
    }

    /// Records which Node is served, and reports a changed name once.
    private func remember(isLive: Bool) async {
        let change = facts.identity.value.nameChange
        var record = isLive ? ServedRecord(node: options.node) : nil
        if change != nil { record?.reportedName = options.hostName }
        guard record != served else { return }
        if let change, record != nil, served?.reportedName != options.hostName {
            await recorder.event(.warning, Reason.nameChanged, change, regarding: .node(options.node))
        }
        served = record
        await disk.keep(Self.servedNode) { [records, record] in try await records.save(record) }
    }
}

extension Identities {
    /// The original name of a Node that takes over from another one.
    func takingOver(from old: String, to new: String) -> String? {
        let original = original(ofNode: old)
        return original == new ? nil : original
    }
}

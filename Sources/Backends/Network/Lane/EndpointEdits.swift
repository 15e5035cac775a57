internal import Convergence
internal import HostState
internal import NetworkState

/// Which edits of endpoints the lane has processed: after its peer's first handshake, an edit would overwrite an
/// endpoint that has roamed since. Pure.
struct EndpointEdits: Sendable {
    /// The numbers of the edits that were processed last.
    private var settled: [TunnelPeer: Int] = [:]

    /// The peers whose endpoint an author has changed and that have not been processed.
    func pending(_ plan: PlanState) -> Set<TunnelPeer> {
        Set(plan.editedEndpoints.filter { settled[$0.key] != $0.value }.keys)
    }

    /// Records the edits that a part has written: a peer may have roamed since.
    mutating func settle(written outcomes: [Outcome<KernelChange>], _ plan: PlanState) {
        for outcome in outcomes where outcome.error == nil {
            guard case .updatePeer(let interface, let update) = outcome.change, update.endpoint != nil else { continue }
            let peer = TunnelPeer(interface: interface, publicKey: update.publicKey)
            settled[peer] = plan.editedEndpoints[peer]
        }
    }

    /// Records the edits that a round has processed, but not those that came while it ran.
    ///
    /// - Parameters:
    ///   - facts: the facts that the round compared in.
    ///   - unreadable: interfaces that the round did not change.
    mutating func settle(_ outcomes: [Outcome<KernelChange>], _ facts: Facts, unreadable: Set<String>) {
        let plan = facts[PlanState.self]
        guard !plan.editedEndpoints.isEmpty else { return settled = [:] }
        var waiting: Set<TunnelPeer> = []
        for outcome in outcomes where outcome.error != nil {
            if case .updatePeer(let interface, let update) = outcome.change {
                waiting.insert(TunnelPeer(interface: interface, publicKey: update.publicKey))
            }
        }
        let names = facts[ResolvedNames.self]
        for device in plan.desired.kernel.devices {
            for peer in device.peers where unreadable.contains(device.interface) || names.isUnresolved(peer) {
                waiting.insert(TunnelPeer(interface: device.interface, publicKey: peer.publicKey))
            }
        }
        var next: [TunnelPeer: Int] = [:]
        for (peer, edit) in plan.editedEndpoints { next[peer] = waiting.contains(peer) ? settled[peer] : edit }
        settled = next
    }
}

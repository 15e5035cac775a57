internal import Differ
internal import HostState
internal import Reconciler

/// `wgctl down`: takes away everything that is ours and nothing else, and puts sysctls back.
///
/// It is a reconcile towards an empty desired state, so it is idempotent and goes on past failures; keys and records
/// stay.
struct Teardown: Sendable {
    let parts: DaemonParts

    /// - Returns: a line for each change made, then one for each that failed.
    func run() async -> [String] {
        await parts.controller.stopFollowing()
        parts.world.mutate { state in
            state.desired = DesiredHost()
            state.hasSnapshot = true
            state.isGoingDown = true
            state.revision += 1
        }
        // Containers first, then the network that carries them; each may need what the other saw.
        for _ in 0..<3 {
            let isPodmanDone = await parts.podmanLane.convergeOnce()
            let isNetworkDone = await parts.network.convergeOnce()
            if isPodmanDone, isNetworkDone { break }
        }
        return parts.world.snapshot.teardownLines
    }
}

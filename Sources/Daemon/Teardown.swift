internal import Convergence
internal import HostState
internal import Reconciler

/// `wgctl down`: takes away everything that is ours and nothing else, and puts sysctls back.
///
/// It is a reconcile towards an empty desired state, so it is idempotent and goes on past failures; keys and records
/// stay.
struct Teardown: Sendable {
    let parts: DaemonParts
    /// Called every few seconds with the containers that have not ended yet.
    var onWaiting: @Sendable ([ContainerRemoval]) -> Void = { _ in }

    /// - Returns: a line for each change, with its error if it failed, then one for everything that could not be taken
    ///   away, with the reason.
    func run() async -> [String] {
        await parts.controller.stopFollowing()
        // A snapshot that is being accepted at this moment wants nothing any more either.
        parts.world.mutate { state in
            state.isGoingDown = true
            // The node stays known, so that events of what goes still name it.
            let node = state.desired.node ?? parts.options.node
            state.desired = DesiredHost()
            state.desired.node = node
            state.hasSnapshot = true
            state.policyViolations = [:]
            // What is made next is sized anew; the lanes write it down.
            state.inventory.underlayMTU = nil
            state.isInventoryUnsaved = true
            state.revision += 1
        }
        // Containers first, then the network that carries them; each may need what the other saw.
        var attempts = 0
        while attempts < 5 {
            if attempts > 0 { try? await Task.sleep(for: .milliseconds(500)) }
            let isPodmanDone = await parts.podmanLane.convergeOnce()
            let isNetworkDone = await parts.network.convergeOnce()
            let isFirewallDone = await parts.firewallLane.convergeOnce()
            let isIdle = await parts.slowSteps.isIdle
            if isPodmanDone, isNetworkDone, isFirewallDone, isIdle, parts.world.snapshot.remains.isEmpty { break }
            // A container has the time that it was promised; what waits for it is taken away after it.
            while await !parts.slowSteps.isIdle {
                onWaiting(await parts.slowSteps.removals.values.sorted { $0.name < $1.name })
                await parts.slowSteps.waitForAnEnd(atMost: .seconds(5))
            }
            attempts += 1
        }
        let state = parts.world.snapshot
        return state.teardownLines + state.remains
    }
}

extension World.State {
    /// What the last round of each lane had to leave, a line each.
    var remains: [String] {
        outstanding.sorted { $0.key < $1.key }.flatMap { lane, outstanding in
            outstanding.waiting.map { "left: \($0.target): \($0.reason)" }
                + outstanding.conflicts.map { "left: \($0.message)" }
                + (outstanding.error.map { ["left: what the \(lane) lane looks after: \($0)"] } ?? [])
        }
    }
}

internal import Convergence
internal import HostState
internal import PodmanLane
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
        await parts.controller.takeDown()
        // What is made next is sized anew.
        await parts.inventory.amend { $0.underlayMTU = nil }
        // Containers first, then the network that carries them; each may need what the other observed.
        var attempts = 0
        while attempts < 5 {
            if attempts > 0 { try? await Task.sleep(for: .milliseconds(500)) }
            var isDone = true
            for lane in parts.lanes.inTeardownOrder where await !lane.convergeOnce() { isDone = false }
            let isIdle = await parts.slowSteps.isIdle
            if isDone, isIdle, parts.board.facts.remains.isEmpty { break }
            // A container has the time that it was promised; what waits for it is taken away after it.
            while await !parts.slowSteps.isIdle {
                onWaiting(await parts.slowSteps.removals.values.sorted { $0.name < $1.name })
                await parts.slowSteps.waitForAnEnd(atMost: .seconds(5))
            }
            attempts += 1
        }
        let facts = parts.board.facts
        return facts[LaneReports.self].teardownLines + facts.remains
    }
}

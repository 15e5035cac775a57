internal import Convergence
internal import HostState
internal import PodmanLane
internal import Reconciler

/// `wgctl down`: removes everything that is ours and nothing else, and restores sysctls.
///
/// It is a reconcile towards an empty desired state, so it is idempotent and continues after failures; keys and records
/// are kept.
struct Teardown: Sendable {
    let parts: DaemonParts
    /// Called every few seconds with the containers that have not ended yet.
    var onWaiting: @Sendable ([ContainerRemoval]) -> Void = { _ in }

    /// - Returns: a line for each change, with its error if it failed, then a line with the reason for everything that
    ///   could not be removed.
    func run() async -> [String] {
        await parts.controller.takeDown()
        // A later start determines the MTU again.
        await parts.inventory.amend { $0.underlayMTU = nil }
        // Containers first, then their network; each lane may need what the other observed.
        var attempts = 0
        while attempts < 5 {
            if attempts > 0 { try? await Task.sleep(for: .milliseconds(500)) }
            var isDone = true
            for lane in parts.lanes.inTeardownOrder where await !lane.convergeOnce() { isDone = false }
            let isIdle = await parts.slowSteps.isIdle
            if isDone, isIdle, parts.board.facts.remains.isEmpty { break }
            // A container keeps its full termination grace period; what waits for it is removed afterwards.
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

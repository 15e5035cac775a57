import Convergence
import HostState
import Logging
import NetworkState
import Reconciler
import RouteNetlink
import TestSupport
import Testing

@testable import Daemon
@testable import NetworkLane

/// Fault 58 on a real kernel: what is tried wakes the lane by the kernel's own notifications.
@Suite struct FailingChangeTests {
    @Test(.timeLimit(.minutes(2))) func anInterfaceThatTheKernelDoesNotTakeCostsFewAttempts() async throws {
        let host = try await KernelHost()
        defer { host.host.remove() }
        // No manifest may say so any more; the kernel has a directory of settings of that name.
        let refused = DesiredLink(name: "default", kind: .wireguard(.auto), alias: "wgctl:net")
        let bridge = DesiredLink(name: "br-default", kind: .bridge, alias: "wgctl:net")
        host.board.prepare { state in
            state.desired.kernel.links = [bridge, refused]
            state[PlanState.self].number += 1
        }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let lane = Lane(
            backend: host.lane, board: host.board, reporter: host.recorder, resync: .seconds(600), logger: logger)
        let tasks = [
            Task { await lane.run() },
            Task { for await hint in host.lane.routes.drift() where hint.isOfConcern { lane.wake(hint.summary) } },
        ]
        defer { for task in tasks { task.cancel() } }
        while lane.done.rounds < 200 {
            lane.wake("neighbour")
            try await Task.sleep(for: .milliseconds(1))
        }
        // In two minutes the pauses of 1, 2, 4, 8, 16 and 30 s let pass twelve attempts.
        #expect((1...24).contains(lane.done.errors), "\(lane.done.errors)")
        let outstanding = host.board.facts.outstanding[.network]
        #expect(outstanding?.failures.count == 1, "the condition says what fails, in between too")
        #expect(try await host.observed().links["br-default"] != nil)
    }
}

import Convergence
import HostState
import NetAddress
import NetworkLane
import Reconciler
import RouteNetlink
import TestSupport
import Testing

@testable import Daemon
@testable import NetworkLane

@Suite struct DryRunTests {
    /// Of the routes of others, the lane is woken for those where it wants its own.
    @Test(.timeLimit(.minutes(1))) func whatIsProposedIsNotWatchedFor() async throws {
        let host = try await KernelHost()
        defer { host.host.remove() }
        try await host.host.run("ip link add lan type bridge && ip link set lan up")
        func want(_ destination: String, in facts: inout Facts) throws {
            let route = DesiredRoute(destination: try #require(CIDR(destination)), interface: "wg0")
            facts.desired.kernel.routes = [route]
        }
        var facts = host.board.facts
        try want("10.0.0.20/32", in: &facts)
        host.lane.prepare(facts)
        _ = try await host.lane.observe(facts)
        var proposal = facts
        try want("10.0.0.30/32", in: &proposal)
        // What a dry run does of a round.
        _ = try await host.lane.observe(proposal)

        func isOfConcern(_ destination: String) async throws -> Bool {
            // Again and again, because a link that comes up has things of its own to tell.
            for metric in 1... {
                let hints = host.lane.routes.drift()
                try await host.host.run("ip route add \(destination) dev lan metric \(metric)")
                for await hint in hints {
                    if hint.changes == ["route \(destination) of lan added or changed"] { return hint.isOfConcern }
                    if hint.summary.contains("route \(destination)") { break }
                }
            }
            return false
        }
        #expect(try await isOfConcern("10.0.0.20/32"))
        #expect(try await !isOfConcern("10.0.0.30/32"))
    }
}

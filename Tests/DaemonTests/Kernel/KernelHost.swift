import Convergence
import Foundation
import HostState
import Logging
import NetAddress
import NetworkLane
import NetworkState
import Reconciler
import Records
import RouteNetlink
import TestSupport
import WireGuard

@testable import Daemon

/// The network lane's backend on a host of its own: the daemon's own code, with a real kernel below it.
struct KernelHost {
    let host: TestHost
    let board = FactBoard()
    let recorder: Recorder
    let lane: NetworkBackend
    let key: PrivateKey
    /// Somebody else on the same host, who does with it as he likes.
    let rivalRoutes: RouteNetlinkClient
    let rivalWireGuard: WireGuardClient

    init() async throws {
        let host = try TestHost()
        self.host = host
        let keys = HostKey(store: KeyStore(directory: "\(host.directory)/keys"))
        _ = try KeyStore(directory: "\(host.directory)/keys").create()
        _ = keys.settle(node: nil, overridden: nil)
        guard let key = keys.current else { throw TestFailure("no key") }
        self.key = key
        let records = try Records(path: "\(host.directory)/state.db")
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        recorder = Recorder(board: board, records: records, localNode: "n0", logger: logger)
        lane = NetworkBackend(
            routes: try await host.run { try RouteNetlinkClient() },
            wireguard: try await host.run { try WireGuardClient() },
            inventory: InventoryRecords(state: board.writer(), records: records, recorder: recorder), board: board,
            surroundings: NetworkBackend.Surroundings(
                privateKey: { keys.current }, clock: { HandshakeClock(now: Int64(Date().timeIntervalSince1970)) }))
        rivalRoutes = try await host.run { try RouteNetlinkClient() }
        rivalWireGuard = try await host.run { try WireGuardClient() }
        board.prepare { state in
            state.podman = .unavailable
            state.hasSnapshot = true
        }
    }

    func want(_ desired: DesiredHost) { board.prepare { $0.desired = desired } }

    /// One round; the kernel as it was before, nil where it could not be read whole, and whether there was nothing to do.
    func round() async throws -> (before: ObservedKernel?, isSettled: Bool) {
        let facts = board.facts
        let observation = try await lane.observe(facts)
        await lane.note(observation, facts)
        let before = observation.unreadable.isEmpty ? observation.kernel : nil
        let changes = lane.changes(from: observation, facts)
        guard !changes.changes.isEmpty || !changes.waiting.isEmpty else { return (before, before != nil) }
        let outcomes = await lane.apply(changes.changes)
        let isSettled = changes.changes.isEmpty && outcomes.isEmpty
        return (before, isSettled)
    }

    /// Changes a part by the last observation; says whether there was something to do.
    func anticipate(_ scope: KernelScope) async -> Bool {
        guard let part = lane.part(scope, board.facts), !part.changeSet.changes.isEmpty else { return false }
        _ = await lane.apply(part.changeSet.changes)
        return true
    }

    /// Has the lane go by what it observes now.
    func settle() async throws {
        let facts = board.facts
        let observation = try await lane.observe(facts)
        await lane.note(observation, facts)
        await lane.finished(Round(observed: observation, facts: facts))
    }

    func observed() async throws -> ObservedKernel { try await lane.observe(board.facts).kernel }
}

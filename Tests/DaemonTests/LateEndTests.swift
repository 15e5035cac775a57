import Convergence
import HostState
import Logging
import PodmanState
import Reconciler
import Records
import ReferenceLiterals
import Resources
import Synchronization
import Testing

@testable import Daemon

/// A backend whose changes go on beside the lane.
private final class SlowBackend: Backend {
    typealias Change = PodmanChange

    static let lane = LaneName.podman
    static let traits = LaneTraits(
        unavailable: Reason.podmanUnavailable, errors: "podman", decides: [.container], notCompared: nil,
        noun: "Podman")
    static let wanted: [any Fact.Type] = [PlanState.self]
    static let reads: [any Fact.Type] = []

    let next = Mutex(ChangeSet<PodmanChange>())

    func observe(_ facts: Facts) async throws -> Int { 0 }
    func changes(from observed: Int, _ facts: Facts) -> ChangeSet<PodmanChange> { next.withLock { $0 } }
    func apply(_ changes: [PodmanChange]) async -> [Outcome<PodmanChange>] { [] }
}

/// Fault 57: what becomes of a step that goes on after its round is told as what a round does.
@Suite struct LateEndTests {
    @Test func aFailureIsToldOnceAndStaysInTheConditionUntilItEndsOtherwise() async throws {
        let board = FactBoard()
        board.prepare { $0.hasSnapshot = true }
        let records = try Records.inMemory(copying: "/nonexistent/state.db")
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let recorder = Recorder(board: board, records: records, localNode: "host-a", logger: logger)
        let backend = SlowBackend()
        let lane = Lane(backend: backend, board: board, reporter: recorder, resync: .seconds(600), logger: logger)
        let container = DesiredContainer(name: "web", node: "host-a", image: "x")
        let restore = PodmanChange.restoreContainer(container, id: "1", faults: [])
        func round(_ body: (inout ChangeSet<PodmanChange>) -> Void) async {
            var set = ChangeSet<PodmanChange>()
            body(&set)
            backend.next.withLock { $0 = set }
            _ = await lane.convergeOnce()
        }
        func late(_ error: String?) async { await lane.finish(late: Outcome(restore, error: error)) }
        func failures() -> [String] { board.facts.outstanding[.podman]?.failures.map(\.reason) ?? [] }

        await round { $0.changes = [restore] }
        for _ in 0..<3 {
            await late("refused")
            #expect(failures() == ["refused"])
            // The next attempt, and while it goes on.
            await round { $0.changes = [restore] }
            #expect(failures() == ["refused"])
            await round { $0.waiting = [WaitingChange(restore, reason: "waiting")] }
            #expect(failures() == ["refused"])
        }
        let told = try await records.events().filter { $0.message.contains("refused") }
        #expect(told.map(\.count) == [1])
        await late(nil)
        await round { _ in }
        #expect(failures() == [])
    }
}

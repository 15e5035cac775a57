import PodmanState
import Convergence
import Foundation
import HostState
import Logging
import Records
import Resources
import Testing

@testable import Daemon
@testable import Reconciler

/// Fault 57: what becomes of a step that goes on after its round is told as what a round does.
@Suite struct LateEndTests {
    @Test func aFailureIsToldOnceAndStaysInTheConditionUntilItEndsOtherwise() async throws {
        let world = World()
        let records = try Records.inMemory(copying: "/nonexistent/state.db")
        let recorder = Recorder(world: world, records: records, localNode: "host-a", logger: Logger(label: "test"))
        let container = DesiredContainer(name: "web", node: "host-a", image: "x")
        let restore = PodmanChange.restoreContainer(container, id: "1", faults: [])
        func round(_ body: (inout ChangeSet<PodmanChange>) -> Void) -> Round<Int, PodmanChange> {
            var set = ChangeSet<PodmanChange>()
            body(&set)
            return Round(observed: 0, changeSet: set, outcomes: [], causes: [])
        }
        func late(_ error: String?) async {
            let outcome = Outcome(restore, error: error)
            await recorder.ended(
                outcome,
                Round<Int, PodmanChange>(
                    observed: nil, changeSet: ChangeSet<PodmanChange>(), outcomes: [outcome], causes: []))
        }
        func failures() -> [String] { world.snapshot.outstanding[.podman]?.failures.map(\.text) ?? [] }

        await recorder.record(round { $0.changes = [restore] }, lane: .podman)
        for _ in 0..<3 {
            await late("refused")
            #expect(failures() == ["refused"])
            // The next attempt, and while it goes on.
            await recorder.record(round { $0.changes = [restore] }, lane: .podman)
            #expect(failures() == ["refused"])
            await recorder.record(round { $0.waiting = [WaitingChange(restore, reason: "waiting")] }, lane: .podman)
            #expect(failures() == ["refused"])
        }
        let told = try await records.events().filter { $0.message.contains("refused") }
        #expect(told.map(\.count) == [1])
        await late(nil)
        await recorder.record(round { _ in }, lane: .podman)
        #expect(failures() == [])
    }
}

import Convergence
import Foundation
import HostState
import Logging
import NetworkState
import PodmanState
import Reconciler
import Records
import ReferenceLiterals
import Resources
import Testing

@testable import Daemon

@Suite struct RecorderRestartTests {
    /// A condition has a line for each mistake; an event is one line.
    @Test func anEventIsOneLine() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("wgd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let records = try Records(path: directory.appendingPathComponent("state.db").path)
        let recorder = Recorder(
            board: FactBoard(), records: records, localNode: "host-a", logger: Logger(label: "test"))
        await recorder.event(
            .warning, Reason.policyViolation, "first mistake\nsecond mistake", regarding: "node/host-a")
        #expect(try await records.events().map(\.message) == ["first mistake; second mistake"])
    }

    /// A restart in an unchanged world writes nothing: what was recorded stands until the daemon has looked.
    @Test func recordedConditionsStandUntilTheLanesHaveLooked() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("wgd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let records = try Records(path: directory.appendingPathComponent("state.db").path)
        let ready = Condition(
            type: .ready, status: .true, reason: Reason.ready, message: "", lastTransitionTime: Date(),
            observedGeneration: 1)
        _ = try await records.set(["node/host-b": [ready]])
        let writes = records.writes

        let board = FactBoard()
        let recorder = Recorder(board: board, records: records, localNode: "host-a", logger: Logger(label: "test"))
        board.prepare { $0.hasSnapshot = true }
        await recorder.refresh()
        #expect(records.writes == writes)
        #expect(await recorder.currentConditions["node/host-b"]?.first?.status == .true)

        board.prepare { state in
            state.outstanding = [.network: .init(), .podman: .init()]
            state[PlanState.self].number += 1
        }
        await recorder.refresh()
        #expect(records.writes == writes, "what is wanted now has not been looked at")

        board.prepare { $0[KernelObservation.self].comparedPlan = $0[PlanState.self].number }
        await recorder.refresh()
        #expect(await recorder.currentConditions["node/host-b"] == nil, "no manifest has it any more")
    }

    /// With thousands of peers the first probes take minutes: until then the last daemon's answer counts, and what was
    /// so and is so is neither written nor an event.
    @Test func anAnswerOutlivesARestart() async throws {
        let records = try Records.inMemory(copying: "/nonexistent/state.db")
        let ready = Condition(
            type: .ready, status: .true, reason: Reason.ready, message: "",
            lastTransitionTime: Date(timeIntervalSince1970: 1000), observedGeneration: 1)
        _ = try await records.set(["node/host-b": [ready]])
        let state = try healthy()
        let board = FactBoard(state)
        let recorder = Recorder(board: board, records: records, localNode: "host-a", logger: Logger(label: "test"))
        let key = PeerKey(overlay: "net", node: "host-b")
        func isReady(_ probe: PeerProbe?) async -> Condition? {
            board.prepare { state in
                state.probes[key] = probe
                state.hasSnapshot = true
                state[KernelObservation.self].comparedPlan = state.plan.number
            }
            await recorder.refresh()
            return await recorder.currentConditions["node/host-b"]?.first { $0.type == .ready }
        }
        for probe in [nil, PeerProbe(at: .now), PeerProbe(at: .now, state: .answered(microseconds: 1))] {
            let condition = await isReady(probe)
            #expect(condition?.status == .true && condition?.lastTransitionTime == ready.lastTransitionTime)
        }
        #expect(try await records.events(for: "node/host-b").isEmpty)
        #expect(await isReady(PeerProbe(at: .now, state: .unanswered))?.reason == Reason.noReply)
        // Once it was probed, what is not known is not known.
        #expect(await isReady(nil)?.status == .unknown)
    }

    /// But not for ever.
    @Test func aRecordedAnswerCountsNoLongerThanAnother() async throws {
        let records = try Records.inMemory(copying: "/nonexistent/state.db")
        _ = try await records.set([
            "node/host-b": [
                Condition(
                    type: .ready, status: .true, reason: Reason.ready, message: "", lastTransitionTime: Date(),
                    observedGeneration: 1)
            ]
        ])
        var state = try healthy()
        state.hasSnapshot = true
        state.probes = [PeerKey(overlay: "net", node: "host-b"): PeerProbe(at: .now - .seconds(100))]
        state[KernelObservation.self].comparedPlan = state.plan.number
        let recorder = Recorder(
            board: FactBoard(state), records: records, localNode: "host-a", logger: Logger(label: "test"))
        await recorder.refresh()
        let conditions = await recorder.currentConditions["node/host-b"]
        #expect(conditions?.first { $0.type == .ready }?.reason == Reason.notProbed)
    }
}

import Convergence
import Foundation
import Logging
import Reconciler
import Records
import Resources
import ServiceLifecycle
import Synchronization
import Testing

@testable import Daemon

/// Fault 55: a service that fails or ends is started again, said once, and ends nothing else.
@Suite struct SupervisedServiceTests {
    private struct Refused: Error, CustomStringConvertible { let description: String }

    private final class Log: Sendable {
        let starts = Mutex(0)
        let pauses = Mutex<[Duration]>([])
        var count: Int { starts.withLock { $0 } }
    }

    private func withHealth(_ body: (FactBoard, Records, ServiceHealth) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("wgd-\(UUID().uuidString)").path
        let board = FactBoard()
        let records = try Records.inMemory(copying: path)
        let recorder = Recorder(board: board, records: records, localNode: "host-a", logger: Logger(label: "test"))
        try await body(board, records, ServiceHealth(board: board, recorder: recorder, localNode: "host-a") {})
    }

    /// Until it is cancelled, as a server does.
    private static func serve() async { try? await Task.sleep(for: .seconds(600)) }

    @Test func oneThatFailsOrEndsIsStartedAgainWithBackOffAndSaidOncePerReason() async throws {
        try await withHealth { board, records, health in
            let log = Log()
            let service = SupervisedService(
                name: "control socket", health: health,
                pause: { pause in log.pauses.withLock { $0.append(pause) } },
                body: { works in
                    let number = log.starts.withLock { starts in
                        starts += 1
                        return starts
                    }
                    switch number {
                    case 1...3: throw Refused(description: "a plain file is in its place")
                    case 4: return
                    case 5, 6: throw Refused(description: "no space")
                    default:
                        works()
                        await Self.serve()
                    }
                })
            let task = Task { await service.supervise() }
            try await eventually { board.facts[ServiceFailures.self].reasons.isEmpty && log.count == 7 }
            task.cancel()
            await task.value
            #expect(log.pauses.withLock { $0 } == [1, 2, 4, 8, 10, 10].map { .seconds($0) })
            let events = try await records.events()
            #expect(
                events.map(\.reason) == ["ServiceFailed", "ServiceFailed", "ServiceFailed", "ServiceRestored"],
                "\(events.map(\.message))")
            #expect(events.map(\.count) == [1, 1, 1, 1])
            #expect(events[0].message.contains("the control socket does not work: a plain file is in its place"))
            #expect(events[1].message.contains("it ended"))
        }
    }

    @Test func theGroupGoesOnWithoutItUntilItIsAskedToStop() async throws {
        try await withHealth { board, _, health in
            let (log, attempts) = (Log(), Log())
            let broken = SupervisedService(
                name: "metrics", health: health, pause: { _ in try? await Task.sleep(for: .milliseconds(5)) },
                body: { _ in
                    attempts.starts.withLock { $0 += 1 }
                    throw Refused(description: "the port is taken")
                })
            let sound = SupervisedService(name: "network lane", health: health) { _ in
                log.starts.withLock { $0 += 1 }
                await Self.serve()
            }
            let (stop, stopping) = AsyncStream<Void>.makeStream()
            let group = ServiceGroup(
                configuration: .init(
                    services: [
                        .init(service: broken), .init(service: sound),
                        .init(service: Ends(stop: stop), successTerminationBehavior: .gracefullyShutdownGroup),
                    ], logger: Logger(label: "test")))
            let run = Task { try await group.run() }
            try await eventually {
                board.facts[ServiceFailures.self].reasons["metrics"] == "the port is taken" && log.count == 1
                    && attempts.count > 3
            }
            stopping.finish()
            try await run.value
            #expect(log.count == 1, "it was not started again because it was stopped")
            #expect(board.facts[ServiceFailures.self].reasons.keys.sorted() == ["metrics"])
        }
    }

    private struct Ends: Service {
        let stop: AsyncStream<Void>
        func run() async throws { for await _ in stop {} }
    }

    private func eventually(_ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, "not within 60 s")
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

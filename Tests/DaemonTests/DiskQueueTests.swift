import Convergence
import Resources
import Foundation
import HostState
import Logging
import Reconciler
import Records
import Synchronization
import Testing

@testable import Daemon

/// A disk that hangs holds up nothing for longer than a moment.
@Suite struct DiskQueueTests {
    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    /// Has the queue hang until `release` is called.
    private func hang(_ disk: DiskQueue) -> (hung: Task<Void?, Never>, release: () -> Void) {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        return (Task { await disk.run { for await _ in stream {} } }, { continuation.finish() })
    }

    @Test func whatIsAskedForInTimeIsAnswered() async {
        let disk = DiskQueue()
        #expect(await disk.run { 7 } == 7)
        #expect(disk.queued == 0)
    }

    @Test func nobodyWaitsForADiskThatHangsAndNothingIsLostOrReordered() async {
        let disk = DiskQueue()
        let log = Log()
        let (hung, release) = hang(disk)
        #expect(await hung.value == nil)
        for number in 0..<100 { #expect(await disk.run { log.add("\(number)") } == nil) }
        #expect(log.all.isEmpty)
        release()
        await disk.drain(atMost: .seconds(60))
        #expect(log.all == (0..<100).map(String.init))
        #expect(await disk.run { 8 } == 8)
    }

    @Test func theInventoryIsWrittenOnceTheDiskAnswers() async throws {
        let records = try Records.inMemory(copying: "/nonexistent/state.db")
        let board = FactBoard()
        let disk = DiskQueue()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let recorder = Recorder(board: board, records: records, disk: disk, localNode: "host-a", logger: logger)
        let inventory = InventoryRecords(
            state: board.writer(), records: records, disk: disk, recorder: recorder)
        let (hung, release) = hang(disk)
        _ = await hung.value
        await inventory.amend { $0.links.insert("wg0") }
        #expect(board.read(InventoryState.self).isUnsaved, "it is not on disk")
        await inventory.amend { $0.links.insert("wg1") }
        release()
        await disk.drain(atMost: .seconds(60))
        #expect(try await records.inventory().links == ["wg0", "wg1"])
        #expect(!board.read(InventoryState.self).isUnsaved)
        #expect(try await records.events().contains { $0.message.contains("the disk does not answer") })
    }

    /// Nothing else changes, and still it is written: the newest version, once.
    @Test(.timeLimit(.minutes(2))) func whatFailsIsWrittenOnceTheDatabaseTakesIt() async throws {
        struct Locked: Error {}
        let disk = DiskQueue()
        let log = Log()
        let failures = Mutex(3)
        @Sendable func write(_ line: String) throws {
            let isLocked = failures.withLock { left in
                defer { left = max(left - 1, 0) }
                return left > 0
            }
            if isLocked { throw Locked() }
            log.add(line)
        }
        for version in ["old", "new"] {
            let reason = await disk.keep("the last good manifests") { try write(version) }
            #expect(reason?.contains("Locked") == true)
        }
        #expect(disk.failures.keys.sorted() == ["the last good manifests"])
        while !disk.failures.isEmpty { try await Task.sleep(for: .milliseconds(50)) }
        #expect(log.all == ["new"])
    }

    /// Otherwise a late attempt overwrites what replaced it.
    @Test(.timeLimit(.minutes(2))) func whatIsReplacedIsNotTriedAgain() async throws {
        struct Locked: Error {}
        let disk = DiskQueue()
        let log = Log()
        let isLocked = Mutex(true)
        for name in ["a", "b"] {
            await disk.keep(name) {
                if isLocked.withLock(\.self) { throw Locked() }
                log.add(name)
            }
        }
        await #expect(throws: Locked.self) { try await disk.replace(["a"]) { throw Locked() } }
        #expect(disk.failures.keys.sorted() == ["a", "b"])
        try await disk.replace(["a"]) { log.add("instead of a") }
        isLocked.withLock { $0 = false }
        // Both would be tried in the same turn, `a` first.
        while !disk.failures.isEmpty { try await Task.sleep(for: .milliseconds(50)) }
        #expect(log.all == ["instead of a", "b"])
    }

    @Test func eventsAndConditionsThatCouldNotBeWrittenWait() async throws {
        let records = try Records.inMemory(copying: "/nonexistent/state.db")
        let board = FactBoard()
        let disk = DiskQueue()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let recorder = Recorder(board: board, records: records, disk: disk, localNode: "host-a", logger: logger)
        let (hung, release) = hang(disk)
        _ = await hung.value
        for number in 0..<5 {
            await recorder.event(.normal, "Created", "number \(number)", regarding: .node("host-a"))
        }
        #expect(try await records.events().isEmpty)
        release()
        await disk.drain(atMost: .seconds(60))
        #expect(try await records.events().map(\.message) == (0..<5).map { "number \($0)" })
    }
}

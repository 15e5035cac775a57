import Foundation
import HostState
import Synchronization
import Testing
import WireGuard

@testable import Daemon

@Suite struct DeviceReadingsTests {
    @Test func manyWhoAskAtOnceShareOneDumpAndTheNextComesAfterASecond() async throws {
        let dumps = Mutex(0)
        let readings = DeviceReadings {
            dumps.withLock { $0 += 1 }
            await Task.yield()
            return [:]
        }
        let started = ContinuousClock.now
        var times = await withTaskGroup(of: Double.self) { group in
            for _ in 0..<100 { group.addTask { await readings.reading().takenAt.timeIntervalSince1970 } }
            return await group.reduce(into: Set<Double>()) { $0.insert($1) }
        }
        for _ in 0..<100 { times.insert(await readings.reading().takenAt.timeIntervalSince1970) }
        let elapsed = ContinuousClock.now - started
        #expect(times.count == dumps.withLock { $0 })
        #expect(dumps.withLock { $0 } <= 1 + Int(elapsed / .seconds(1)))
        // Whoever keeps asking gets a newer one.
        let deadline = ContinuousClock.now + .seconds(30)
        while await times.contains(readings.reading().takenAt.timeIntervalSince1970), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(await !times.contains(readings.reading().takenAt.timeIntervalSince1970))
    }
}

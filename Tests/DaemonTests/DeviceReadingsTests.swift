import Convergence
import Foundation
import HostState
import Reconciler
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

    /// What `wgctl status` shows, however many ask for it.
    @Test func reportsShareDumpsAndShowNothingOlderThanTheLastLook() async {
        let dumps = Mutex(0)
        @Sendable func device(_ port: Int) -> ObservedDevice {
            ObservedDevice(interface: "wg0", backend: .kernel, publicKey: nil, listenPort: UInt16(port))
        }
        let readings = DeviceReadings {
            dumps.withLock { $0 += 1 }
            return ["wg0": .success(device(2))]
        }
        let board = FactBoard()
        board.prepare {
            $0.kernel = ObservedKernel()
            $0.kernel?.devices["wg0"] = device(1)
            $0[KernelObservation.self].observedAt = .now
        }
        let started = ContinuousClock.now
        var ports = await withTaskGroup(of: UInt16?.self) { group in
            for _ in 0..<100 {
                group.addTask { await readings.state(of: board).kernel?.devices["wg0"]?.listenPort }
            }
            return await group.reduce(into: Set<UInt16?>()) { $0.insert($1) }
        }
        #expect(ports == [2])
        board.prepare {
            $0.kernel?.devices["wg0"] = device(3)
            $0[KernelObservation.self].observedAt = .now
        }
        ports = [await readings.state(of: board).kernel?.devices["wg0"]?.listenPort]
        #expect(dumps.withLock { $0 } <= 1 + Int((ContinuousClock.now - started) / .seconds(1)))
        if dumps.withLock({ $0 }) == 1 { #expect(ports == [3]) }
        // A second later it is read again.
        let deadline = ContinuousClock.now + .seconds(30)
        while await readings.state(of: board).kernel?.devices["wg0"]?.listenPort != 2, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        #expect(await readings.state(of: board).kernel?.devices["wg0"]?.listenPort == 2)
    }
}

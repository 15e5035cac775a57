import Foundation
import Testing

@testable import Daemon

@Suite struct InstanceLockTests {
    @Test func aSecondDaemonIsRefusedAndToldWhoHoldsTheLock() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("wgd-\(UUID().uuidString).lock").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            let first = try InstanceLock(path: path)
            let error = #expect(throws: InstanceLock.LockError.self) { _ = try InstanceLock(path: path) }
            #expect("\(String(describing: error))".contains("pid \(ProcessInfo.processInfo.processIdentifier)"))
            withExtendedLifetime(first) {}
        }
        // Released with its holder: a crash leaves no stale lock.
        _ = try InstanceLock(path: path)
    }
}

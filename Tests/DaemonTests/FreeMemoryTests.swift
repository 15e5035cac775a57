import Foundation
import Glibc
import TestSupport
import Testing

@testable import Daemon

@Suite struct FreeMemoryTests {
    private static var resident: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    /// A block that is still in use above all others keeps malloc from giving them back by itself.
    @Test func whatIsFreeGoesBackToTheKernel() async throws {
        var blocks = (0..<200_000).compactMap { _ in malloc(512) }
        for block in blocks { memset(block, 1, 512) }
        let last = blocks.removeLast()
        defer { free(last) }
        for block in blocks { free(block) }
        let before = Self.resident
        let keeper = Task { await FreeMemory().keepLow() }
        defer { keeper.cancel() }
        try await waitUntil("most of 100 MB is given back") { Self.resident < before - (60 << 20) }
    }
}

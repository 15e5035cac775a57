import Foundation
import Glibc
import Testing

/// Runs a test's body in a process of its own, under a program that changes what the kernel lets it do.
enum ChildProcess {
    private static let variable = "MANIFEST_WATCH_CHILD"

    /// In the test process: starts this very executable under `wrapper` for the one test `name`, and fails when the
    /// body fails there or does not run to its end. In that child: runs the body.
    static func run(
        _ name: String, under wrapper: [String], body: (TemporaryDirectory) async throws -> Void
    ) async throws {
        let environment = ProcessInfo.processInfo.environment
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        if let parent = environment[variable] {
            try await body(TemporaryDirectory(existing: parent))
            try Data().write(to: URL(filePath: parent + "/done"))
            return
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let wrapper = wrapper.map { $0.replacingOccurrences(of: "ROOT", with: directory.root) }
        process.arguments =
            wrapper + [try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")]
            + ["--testing-library", "swift-testing", "--filter", name]
        process.environment = environment.merging([variable: directory.parent]) { $1 }
        let log = directory.parent + "/log"
        try Data().write(to: URL(filePath: log))
        let output = try FileHandle(forWritingTo: URL(filePath: log))
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let text = try String(contentsOfFile: log, encoding: .utf8)
        let isDone = FileManager.default.fileExists(atPath: directory.parent + "/done")
        #expect(process.terminationStatus == 0 && isDone, "\(text)")
    }
}

import Foundation
import Glibc

struct ProgramResult {
    var status: Int32
    var output: String
    var error: String
}

/// Runs a program to its end on the calling thread, with files in place of pipes so that neither side can block.
func runProgram(
    _ path: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
    in workingDirectory: String? = nil
) throws -> ProgramResult {
    let directory = URL(fileURLWithPath: NSTemporaryDirectory())
        .appendingPathComponent("wgctl-run-\(getpid())-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let files = ["in", "out", "err"].map(directory.appendingPathComponent)
    try Data(input.utf8).write(to: files[0])
    for file in files[1...] { try Data().write(to: file) }

    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    if let workingDirectory { process.currentDirectoryURL = URL(fileURLWithPath: workingDirectory) }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return ProgramResult(
        status: process.terminationStatus, output: try String(contentsOf: files[1], encoding: .utf8),
        error: try String(contentsOf: files[2], encoding: .utf8))
}

/// The built `wgctl`, on a thread of its own: the cooperative pool must not wait for a program.
func runWgctl(
    _ arguments: [String], input: String = "", environment: [String: String] = [:], in workingDirectory: String? = nil
) async throws -> ProgramResult {
    let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    return try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(
                with: Result {
                    try runProgram(
                        products + "/wgctl", arguments, input: input, environment: environment, in: workingDirectory)
                })
        }
    }
}

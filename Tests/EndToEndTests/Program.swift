import Foundation

/// What a finished program printed.
struct Finished: Sendable, CustomStringConvertible {
    var status: Int32
    var output: String
    var errors: String

    var description: String { "status \(status)\n\(output)\(errors)" }
    var isSuccess: Bool { status == 0 }
    var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// Runs real programs with a deadline. Output goes through files, so that a large one cannot block.
enum Program {
    struct TimedOut: Error, CustomStringConvertible {
        var description: String
    }

    static func run(_ arguments: [String], seconds: Double = 60) async throws -> Finished {
        let running = try Running(arguments)
        return try await running.finish(seconds: seconds)
    }
}

/// A program that goes on while the test does something else.
final class Running: @unchecked Sendable {
    // Process is not Sendable; it is started once here and afterwards only asked whether it ended.
    private let process = Process()
    private let directory: URL
    private let arguments: [String]

    init(_ arguments: [String]) throws {
        self.arguments = arguments
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("wgctl-e2e-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for name in ["out", "err"] {
            _ = FileManager.default.createFile(atPath: directory.appendingPathComponent(name).path, contents: nil)
        }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let outputs = try ["out", "err"].map { name in
            try FileHandle(forWritingTo: directory.appendingPathComponent(name))
        }
        // Process would keep them: a thousand commands later Foundation crashes on descriptors above 1024.
        defer { for output in outputs { try? output.close() } }
        process.standardOutput = outputs[0]
        process.standardError = outputs[1]
        try process.run()
    }

    func interrupt() { process.interrupt() }

    func finish(seconds: Double) async throws -> Finished {
        defer { try? FileManager.default.removeItem(at: directory) }
        let deadline = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            if ContinuousClock.now > deadline {
                process.terminate()
                throw Program.TimedOut(
                    description:
                        "\(arguments.joined(separator: " ")) took over \(seconds) s\n\(text("out"))\(text("err"))")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        return Finished(status: process.terminationStatus, output: text("out"), errors: text("err"))
    }

    private func text(_ name: String) -> String {
        (try? String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)) ?? ""
    }
}

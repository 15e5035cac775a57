internal import CLinux
internal import Foundation
internal import Glibc

/// What a program left when it ended.
public struct ProgramResult: Sendable, CustomStringConvertible {
    /// The exit code; 128 and more: the number of the signal that ended it.
    public var status: Int32
    public var output: String
    public var error: String

    public var description: String { "status \(status): \(output)\(error)" }
}

/// What went wrong, in words.
public struct TestFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Runs a program in the calling thread's namespaces; its standard output. Blocks.
///
/// - Throws: `TestFailure` with what it said when it fails.
@discardableResult
public func run(_ arguments: String...) throws -> String { try run(arguments) }

/// Runs a program in the calling thread's namespaces; its standard output. Blocks.
///
/// - Parameter environment: beside the test's own.
/// - Throws: `TestFailure` with what it said when it fails.
@discardableResult
public func run(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
    let result = try runProgram("/usr/bin/env", MachineNamespaces.wayBack() + arguments, environment: environment)
    guard result.status == 0 else { throw TestFailure("\(arguments.joined(separator: " ")): \(result)") }
    return result.output
}

/// Runs a command line in the calling thread's namespaces; what it printed. Blocks.
///
/// - Throws: `TestFailure` with both outputs when it fails.
@discardableResult
public func shell(_ command: String) throws -> String { try run(["sh", "-c", "exec 2>&1; " + command]) }

/// Runs a program to its end, whatever its exit code. Blocks.
///
/// - Parameters:
///   - environment: beside the test's own.
///   - workingDirectory: the test's own if nil.
public func runProgram(
    _ path: String, _ arguments: [String], input: String = "", environment: [String: String] = [:],
    in workingDirectory: String? = nil
) throws -> ProgramResult {
    let directory = temporaryPath("run")
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try Data(input.utf8).write(to: URL(filePath: "\(directory)/in"))
    let process = try startProgram(
        path, arguments, input: "\(directory)/in", output: "\(directory)/out", errors: "\(directory)/err",
        environment: environment, in: workingDirectory)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7f
    return ProgramResult(
        status: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
        output: try String(contentsOfFile: "\(directory)/out", encoding: .utf8),
        error: try String(contentsOfFile: "\(directory)/err", encoding: .utf8))
}

/// Starts a program in the calling thread's namespaces, its input and outputs in files: a pipe would be held open by
/// what the program leaves running. For the same reason not Foundation's `Process`, which waits for a socket to close
/// that all descendants inherit.
///
/// - Returns: the process, to be waited for.
public func startProgram(
    _ path: String, _ arguments: [String], input: String = "/dev/null", output: String, errors: String,
    environment: [String: String] = [:], in workingDirectory: String? = nil
) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    clinux_spawn_close_from(&actions, 3)
    if let workingDirectory { clinux_spawn_chdir(&actions, workingDirectory) }
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
    var argv = ([path] + arguments).map { strdup($0) } + [nil]
    var envp = variables.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var process: Int32 = 0
    let code = posix_spawn(&process, path, &actions, nil, &argv, &envp)
    guard code == 0 else { throw TestFailure("\(path): \(String(cString: strerror(code)))") }
    return process
}

/// Runs blocking work on a thread of its own: the cooperative pool, which is as narrow as the machine has cores, must
/// not wait for a program.
public func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
}

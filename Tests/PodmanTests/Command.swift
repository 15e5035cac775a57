import Dispatch
import Foundation
import Glibc

/// Programs run to their end, off the cooperative pool.
///
/// Not Foundation's `Process`: it waits for a socket to close that whatever the program leaves running inherits.
enum Command {
    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    private static let queue = DispatchQueue(label: "commands", attributes: .concurrent)

    /// - Returns: Standard output without the white space around it.
    /// - Throws: `Failed` with standard error when the exit code is not 0.
    @discardableResult
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try runBlocking(arguments, environment) }) }
        }
    }

    private static func runBlocking(_ arguments: [String], _ environment: [String: String]) throws -> String {
        let output = "/tmp/wgctl-command-\(UUID().uuidString)"
        let errors = output + "-errors"
        defer {
            unlink(output)
            unlink(errors)
        }
        let process = try spawn(arguments, environment, output: output, errors: errors)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        guard status == 0 else {
            let message = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
            throw Failed(description: "\(arguments.joined(separator: " ")): status \(status): \(text)\(message)")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Starts a program found through PATH, its output in files (a pipe would be held open by what it leaves running).
    static func spawn(
        _ arguments: [String], _ environment: [String: String], output: String, errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, arguments[0], &actions, nil, &argv, &envp)
        guard code == 0 else { throw Failed(description: "\(arguments[0]): \(String(cString: strerror(code)))") }
        return process
    }
}

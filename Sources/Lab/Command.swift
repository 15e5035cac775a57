internal import Descriptors
internal import Glibc

/// One run of a real program in this process's environment: its name, to be found in `PATH`, and its arguments.
struct Command: Sendable {
    var arguments: [String]
    /// What the program reads as standard input; nil: nothing.
    var input: String?
    /// A file as standard input, in place of `input`.
    var inputPath: String?
    var timeout: Duration = .seconds(60)

    init(_ arguments: [String], input: String? = nil, inputPath: String? = nil, timeout: Duration = .seconds(60)) {
        self.arguments = arguments
        self.input = input
        self.inputPath = inputPath
        self.timeout = timeout
    }

    /// Runs to the end and returns what it wrote to both outputs. Blocks: call it off the cooperative pool.
    ///
    /// - Throws: `LabError.missingProgram`, `.programFailed` with the end of the output, `.programTimedOut`.
    @discardableResult
    func run() throws(LabError) -> String {
        let title = arguments.joined(separator: " ")
        var found = try program(arguments)
        found.outputLimit = .max
        found.input = input.map { Array($0.utf8) } ?? []
        found.inputPath = inputPath
        // Whoever interrupts us means our programs as well.
        found.leadsSession = false
        switch found.run(timeout: timeout) {
        case .failure(let error): throw .system(call: "posix_spawn", subject: found.path, errno: error.code)
        case .success(nil): throw .programTimedOut(command: title, seconds: Int(timeout.components.seconds))
        case .success(let outcome?):
            if outcome.isSuccess { return outcome.text }
            throw .programFailed(
                command: title, outcome: describeExit(outcome.status),
                output: String(outcome.text.suffix(2000)).trimmed)
        }
    }
}

/// Starts a program that lives on, in a session of its own, with both outputs appended to a log file.
///
/// - Parameter path: The file to run in place of the one that `arguments[0]` names.
func startProgram(_ arguments: [String], path: String? = nil, log: String) throws(LabError) -> pid_t {
    let found = try program(arguments, file: path)
    switch found.start(appendingTo: log) {
    case .success(let process): return process
    case .failure(let error): throw .system(call: "posix_spawn", subject: found.path, errno: error.code)
    }
}

/// A program found in `PATH` or the system's directories, to be run where this process runs and in its environment.
///
/// - Throws: `LabError.missingProgram` with the package to install.
private func program(_ arguments: [String], file: String? = nil) throws(LabError) -> Program {
    let path = if let file { file } else { try ProgramPath.find(arguments[0]) }
    var program = Program(
        path: path, arguments: Array(arguments.dropFirst()),
        environment: environment().map { "\($0.key)=\($0.value)" })
    program.name = arguments[0]
    program.workingDirectory = nil
    return program
}

extension String {
    var trimmed: String {
        var text = Substring(self)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        return String(text)
    }
}

internal import CLinux
internal import Glibc

/// A program to be run: arguments as a vector, never a shell's text.
public struct Program: Sendable {
    /// Absolute.
    public var path: String
    /// What it is called by; its path if nil.
    public var name: String?
    public var arguments: [String]
    /// `NAME=VALUE`.
    public var environment: [String]
    /// Whether standard error is part of what it wrote.
    public var keepsErrors: Bool
    /// Bytes of what it wrote that are kept; it may write more.
    public var outputLimit: Int
    /// What it reads on standard input; more than 1 MiB takes CAP_SYS_RESOURCE.
    public var input: [UInt8]
    /// A file as standard input in place of `input`.
    public var inputPath: String?
    /// The caller's own if nil.
    public var workingDirectory: String? = "/"
    /// Whether it leads a session of its own: no signal of our terminal reaches it, and what it has started is ended
    /// with it at a deadline.
    public var leadsSession = true

    public static let searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    public init(
        path: String, arguments: [String], environment: [String] = [Program.searchPath], keepsErrors: Bool = true,
        outputLimit: Int = 4096, input: [UInt8] = []
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.keepsErrors = keepsErrors
        self.outputLimit = outputLimit
        self.input = input
    }

    /// The first of `paths` that may be executed.
    public static func first(of paths: [String]) -> String? { paths.first { access($0, X_OK) == 0 } }

    public struct Outcome: Sendable {
        /// As `waitpid` gives it.
        public var status: Int32
        public var text: String
        public var isSuccess: Bool { status == 0 }
    }

    /// Blocks until the program ends, or kills it at the deadline and returns nil.
    ///
    /// A daemon that it leaves behind must not keep its standard output or error: the pipe would break under it.
    ///
    /// - Returns: the outcome, or the errno of a spawn that failed.
    public func run(timeout: Duration) -> Result<Outcome?, SpawnError> {
        let deadline = ContinuousClock.now + timeout
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe2(&ends, O_CLOEXEC) == 0 else { return .failure(SpawnError(code: errno)) }
        let (reading, writing) = (ends[0], ends[1])
        // Our end alone: a program that finds its output full must wait, not fail.
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
        defer { close(reading) }
        let spawned = spawn { actions in
            posix_spawn_file_actions_adddup2(&actions, writing, 1)
            if keepsErrors {
                posix_spawn_file_actions_adddup2(&actions, writing, 2)
            } else {
                posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
            }
        }
        close(writing)
        guard case .success(let process) = spawned else { return spawned.map { _ in nil } }

        var written: [UInt8] = []
        var status: Int32 = 0
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            while true {
                let count = read(reading, &buffer, buffer.count)
                guard count > 0 else { break }
                written += buffer[..<count].prefix(max(0, outputLimit - written.count))
            }
            if ended == process {
                return .success(Outcome(status: status, text: String(decoding: written, as: UTF8.self)))
            }
            guard ContinuousClock.now < deadline else {
                kill(leadsSession ? -process : process, SIGKILL)
                while waitpid(process, &status, 0) < 0 && errno == EINTR {}
                return .success(nil)
            }
            var entry = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
            // The pipe ends with the program; after that only waitpid is left to ask.
            if poll(&entry, 1, 20) > 0 && entry.revents & Int16(POLLIN) == 0 { usleep(2_000) }
        }
    }

    public struct SpawnError: Error { public var code: Int32 }

    /// Starts the program and leaves it running, with both outputs appended to a file.
    ///
    /// - Returns: the process, to be waited for.
    public func start(appendingTo log: String) -> Result<Int32, SpawnError> {
        spawn { actions in
            posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o640)
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
    }

    private func spawn(outputs: (inout posix_spawn_file_actions_t) -> Void) -> Result<pid_t, SpawnError> {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        var standardInput: Int32 = -1
        defer { if standardInput >= 0 { close(standardInput) } }
        if input.isEmpty {
            posix_spawn_file_actions_addopen(&actions, 0, inputPath ?? "/dev/null", O_RDONLY, 0)
        } else {
            switch filledPipe() {
            case .success(let filled): standardInput = filled
            case .failure(let error): return .failure(error)
            }
            posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        }
        outputs(&actions)
        // What others opened without CLOEXEC would live on in a daemon.
        clinux_spawn_close_from(&actions, 3)
        if let workingDirectory { clinux_spawn_chdir(&actions, workingDirectory) }
        // A daemon of ours may block or ignore signals; a program starts with none of that.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let signals = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, leadsSession ? signals | clinux_spawn_setsid : signals)

        var argv: [UnsafeMutablePointer<CChar>?] = ([name ?? path] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, path, &actions, &attributes, &argv, &envp)
        return code == 0 ? .success(process) : .failure(SpawnError(code: code))
    }

    /// A pipe that holds all of the input already, so that nobody has to write while the program runs.
    private func filledPipe() -> Result<Int32, SpawnError> {
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe2(&ends, O_CLOEXEC) == 0 else { return .failure(SpawnError(code: errno)) }
        defer { close(ends[1]) }
        // 65,536 bytes fit into any pipe; F_SETPIPE_SZ (1031) makes more room, as far as the host allows.
        let hasRoom = input.count <= 65_536 || fcntl(ends[1], 1031, Int32(clamping: input.count)) >= input.count
        guard hasRoom, write(ends[1], input, input.count) == input.count else {
            let code = hasRoom ? errno : EFBIG
            close(ends[0])
            return .failure(SpawnError(code: code))
        }
        return .success(ends[0])
    }
}

internal import Glibc
internal import Synchronization

/// One run of a real program: arguments as a vector, never a shell's text.
struct Program: Sendable {
    var arguments: [String]
    /// What the program reads as standard input; nil: `/dev/null`.
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

    private var title: String { arguments.joined(separator: " ") }

    /// Runs to the end and returns what it wrote to both outputs. Blocks: call it off the cooperative pool.
    ///
    /// - Throws: `LabError.missingProgram`, `.programFailed` with the end of the output, `.programTimedOut`.
    @discardableResult
    func run() throws(LabError) -> String {
        var output: (read: Int32, write: Int32) = try pipe()
        defer { closeAll(output.read, output.write) }
        var feed: (read: Int32, write: Int32) = (-1, -1)
        if input != nil { feed = try pipe() }
        defer { closeAll(feed.read, feed.write) }
        let (source, sink) = (feed.read, output.write)
        let pid = try spawn(arguments) { actions in
            if source >= 0 {
                posix_spawn_file_actions_adddup2(&actions, source, 0)
            } else {
                posix_spawn_file_actions_addopen(&actions, 0, inputPath ?? "/dev/null", O_RDONLY, 0)
            }
            posix_spawn_file_actions_adddup2(&actions, sink, 1)
            posix_spawn_file_actions_adddup2(&actions, sink, 2)
        }
        closeAll(output.write, feed.read)
        output.write = -1
        feed.read = -1
        var exchange = Exchange(pid: pid, reading: output.read, writing: feed.write, text: input ?? "")
        feed.write = -1
        guard let status = exchange.finish(within: timeout) else {
            throw .programTimedOut(command: title, seconds: Int(timeout.components.seconds))
        }
        let text = String(decoding: exchange.received, as: UTF8.self)
        guard status == 0 else {
            throw .programFailed(
                command: title, outcome: describeExit(status), output: String(text.suffix(2000)).trimmed)
        }
        return text
    }

    private func pipe() throws(LabError) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        // pipe2(2) is for GNU sources only; the lock keeps other threads' children from inheriting the ends.
        let code = spawnLock.withLock { _ in
            guard Glibc.pipe(&ends) == 0 else { return errno }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return 0
        }
        guard code == 0 else { throw .system(call: "pipe", subject: title, errno: code) }
        return (ends[0], ends[1])
    }

    private func closeAll(_ descriptors: Int32...) {
        for descriptor in descriptors where descriptor >= 0 { close(descriptor) }
    }
}

/// Feeds a child its input and collects its output, both without blocking, until it ends.
private struct Exchange {
    let pid: pid_t
    let reading: Int32
    var writing: Int32
    var pending: ArraySlice<UInt8>
    var received: [UInt8] = []

    init(pid: pid_t, reading: Int32, writing: Int32, text: String) {
        self.pid = pid
        self.reading = reading
        self.writing = writing
        self.pending = ArraySlice(text.utf8)
        for descriptor in [reading, writing] where descriptor >= 0 { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    }

    /// The wait status; nil when the deadline passed and the child was killed.
    mutating func finish(within timeout: Duration) -> Int32? {
        let deadline = ContinuousClock.now + timeout
        defer { if writing >= 0 { close(writing) } }
        while true {
            feed()
            // The child's exit ends the exchange, not the pipe's: a daemon that it left behind may hold the pipe.
            var status: Int32 = 0
            let ended = waitpid(pid, &status, WNOHANG)
            drain()
            if ended == pid { return status }
            if ContinuousClock.now > deadline {
                kill(pid, SIGKILL)
                waitpid(pid, &status, 0)
                return nil
            }
            var polled = [pollfd(fd: reading, events: Int16(POLLIN), revents: 0)]
            if writing >= 0 { polled.append(pollfd(fd: writing, events: Int16(POLLOUT), revents: 0)) }
            poll(&polled, nfds_t(polled.count), 20)
            // Both outputs closed, the child not yet gone: POLLHUP returns at once, so let it go.
            if polled[0].revents & Int16(POLLHUP) != 0 { usleep(1000) }
        }
    }

    private mutating func feed() {
        while writing >= 0 {
            if !pending.isEmpty {
                let count = pending.withUnsafeBytes { write(writing, $0.baseAddress, $0.count) }
                if count > 0 { pending = pending.dropFirst(count) }
                if count < 0 && errno == EAGAIN { return }
                if count < 0 && errno != EINTR { pending = [] }
            }
            if pending.isEmpty {
                close(writing)
                writing = -1
            }
        }
    }

    private mutating func drain() {
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = read(reading, &buffer, buffer.count)
            guard count > 0 else { return }
            received += buffer[0..<count]
        }
    }
}

extension String {
    var trimmed: String {
        var text = Substring(self)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        return String(text)
    }
}

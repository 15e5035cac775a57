internal import Glibc

/// Signals as bytes in a pipe.
///
/// Handlers, because the kernel drops what pid 1 has no handler for, also where a thread has it blocked
/// (signal(7), pid_namespaces(7)); a pipe, because a handler may run on any thread.
struct SignalPipe {
    private let reading: Int32

    /// Takes the signals over for the whole process. At most one such pipe is in use.
    ///
    /// - Throws: `LabError.system` when no pipe is to be had.
    init(_ signals: Int32...) throws(LabError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .system(call: "pipe", subject: "signals", errno: errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        reading = ends[0]
        signalPipeWritingEnd = ends[1]
        for signal in signals {
            Glibc.signal(signal) { number in
                let code = errno
                var byte = UInt8(truncatingIfNeeded: number)
                write(signalPipeWritingEnd, &byte, 1)
                errno = code
            }
        }
    }

    /// The next signal, waiting for it; nil when none came within the milliseconds given.
    func next(within milliseconds: Int32?) -> Int32? {
        var polled = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, milliseconds ?? -1) > 0 else { return nil }
        var byte: UInt8 = 0
        return read(reading, &byte, 1) == 1 ? Int32(byte) : nil
    }
}

// Unsafe to change while handlers are installed: it is written once, before the first of them.
nonisolated(unsafe) private var signalPipeWritingEnd: Int32 = -1

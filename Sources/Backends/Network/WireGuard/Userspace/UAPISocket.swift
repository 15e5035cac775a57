internal import Descriptors
internal import Glibc

/// One connection to a UAPI socket, with one deadline over all reads and writes of an operation.
struct UAPISocket: ~Copyable {
    private let descriptor: Descriptor
    private let interface: String
    private let operation: String
    private let seconds: Double
    private let deadline: ContinuousClock.Instant

    /// Connects to the Unix socket at `path`.
    ///
    /// - Throws: `WireGuardError.noDevice` when no process listens there, `.timedOut` when it accepts no connection.
    init(path: String, interface: String, operation: String, timeout: Duration) throws(WireGuardError) {
        let seconds = timeout / .seconds(1)
        let deadline = ContinuousClock.now + timeout
        let descriptor = try UAPISocket.open(interface, operation)
        connecting: while true {
            let code = try UAPISocket.connect(descriptor.rawValue, to: path, interface)
            switch code {
            case 0: break connecting
            case EINTR: continue
            case EAGAIN where deadline > .now:
                // A Unix socket whose backlog is full gives no event to wait for.
                usleep(10_000)
            case EAGAIN: throw .timedOut(interface: interface, operation: operation, seconds: seconds)
            case ENOENT, ECONNREFUSED: throw .noDevice(interface: interface)
            default: throw .refused(interface: interface, operation: operation, code: code, detail: path)
            }
        }
        self.descriptor = descriptor
        self.interface = interface
        self.operation = operation
        self.seconds = seconds
        self.deadline = deadline
    }

    private static func open(_ interface: String, _ operation: String) throws(WireGuardError) -> Descriptor {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let number = socket(AF_UNIX, type, 0)
        guard number >= 0 else { throw .refused(interface: interface, operation: operation, code: errno, detail: nil) }
        return Descriptor(adopting: number)
    }

    /// 0, or the errno.
    private static func connect(
        _ descriptor: Int32, to path: String, _ interface: String
    ) throws(WireGuardError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { field in
            guard path.utf8.count < field.count else { return false }
            field.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw .refused(interface: interface, operation: "connect", code: ENAMETOOLONG, detail: path) }
        return withUnsafeBytes(of: &address) { raw in
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            let status = Glibc.connect(descriptor, raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), size)
            return status == 0 ? 0 : errno
        }
    }

    /// Sends all of `request`, then reads up to the empty line that ends an answer.
    ///
    /// The answer is in secret memory, because that of `get=1` contains the private key. It also ends when the peer
    /// closes early.
    func exchange(_ request: UnsafeRawBufferPointer) throws(WireGuardError) -> SecretBytes {
        var sent = 0
        while sent < request.count {
            let count = send(
                descriptor.rawValue, request.baseAddress?.advanced(by: sent), request.count - sent, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                sent += count
                continue
            }
            let code = errno
            if code == EINTR { continue }
            // It stops reading at the first line that it refuses, and sends the reason before it closes.
            if code == EPIPE { break }
            guard code == EAGAIN else { throw failure(code) }
            try wait(for: POLLOUT)
        }
        return try answer()
    }

    private func answer() throws(WireGuardError) -> SecretBytes {
        let room = 16_384
        let answer: SecretBytes
        do throws(KeyStoreError) { answer = try SecretBytes(capacity: room) } catch { throw .outOfMemory }
        while true {
            var code: Int32 = 0
            let received: Int
            do throws(KeyStoreError) {
                received = try answer.append(room: room) { buffer in
                    let count = recv(descriptor.rawValue, buffer.baseAddress, buffer.count, 0)
                    code = errno
                    return count
                }
            } catch { throw .outOfMemory }
            if received == 0 { return answer }
            if received > 0 {
                let isComplete = answer.withUnsafeBytes { $0.suffix(2).elementsEqual("\n\n".utf8) }
                if isComplete { return answer }
                continue
            }
            switch code {
            case EINTR: continue
            case EAGAIN: try wait(for: POLLIN)
            case ECONNRESET: return answer
            default: throw failure(code)
            }
        }
    }

    private func wait(for events: Int32) throws(WireGuardError) {
        while true {
            let left = deadline - .now
            guard left > .zero else { throw .timedOut(interface: interface, operation: operation, seconds: seconds) }
            var entry = pollfd(fd: descriptor.rawValue, events: Int16(events), revents: 0)
            let status = poll(&entry, 1, Int32(min(left / .milliseconds(1) + 1, 60_000)))
            if status > 0 { return }
            let code = errno
            if status < 0 && code != EINTR { throw failure(code) }
        }
    }

    private func failure(_ code: Int32) -> WireGuardError {
        .refused(interface: interface, operation: operation, code: code, detail: "UAPI socket")
    }
}

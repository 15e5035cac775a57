internal import CLinux
@preconcurrency internal import Dispatch
internal import Glibc
internal import NetAddress

/// One raw ICMP or ICMPv6 socket, shared by all probes of a family.
///
/// Raw rather than datagram (`IPPROTO_ICMP` over `SOCK_DGRAM`): `net.ipv4.ping_group_range` shuts root out by default.
/// All state is touched on `queue` alone, which is why this is Sendable.
final class EchoSocket: @unchecked Sendable {
    typealias Answer = Result<Duration?, ProbeError>

    private struct Waiting {
        var message: EchoMessage
        var destination: IPAddress
        var sentAt: ContinuousClock.Instant
        var continuation: CheckedContinuation<Answer, Never>
    }

    private let family: IPAddress.Family
    private let descriptor: Int32
    private let mtuSocket: PathMTUSocket
    private let queue: DispatchQueue
    private let source: any DispatchSourceRead
    private let identifier = UInt16.random(in: 1...UInt16.max)
    private var lastSequence: UInt16 = 0
    private var waiting: [UInt16: Waiting] = [:]
    /// The longest packet.
    private var buffer = [UInt8](repeating: 0, count: Int(UInt16.max))

    init(_ family: IPAddress.Family) throws(ProbeError) {
        mtuSocket = try PathMTUSocket(family)
        let descriptor = try EchoSocket.open(family)
        let queue = DispatchQueue(label: "echo-ip\(family)")
        self.family = family
        self.descriptor = descriptor
        self.queue = queue
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { @Sendable [weak self] in self?.receive() }
        source.setCancelHandler { @Sendable in _ = Glibc.close(descriptor) }
        source.activate()
    }

    /// The descriptor is closed once no callback runs.
    func close() { source.cancel() }

    deinit { source.cancel() }

    func kernelPathMTU(to destination: IPAddress) async -> Result<Int, ProbeError> {
        await withCheckedContinuation { continuation in
            queue.async { @Sendable in
                continuation.resume(
                    returning: Result { () throws(ProbeError) in try self.mtuSocket.pathMTU(to: destination) })
            }
        }
    }

    func ping(_ destination: IPAddress, from address: IPAddress?, size: Int, timeout: Duration) async -> Answer {
        // The ticket names the probe before its sequence number is known.
        let ticket = Ticket()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { @Sendable in
                    self.send(destination, address, size, timeout, ticket, continuation)
                }
            }
        } onCancel: {
            queue.async { @Sendable in
                ticket.isCancelled = true
                if let sequence = ticket.sequence { self.finish(sequence, .success(nil)) }
            }
        }
    }

    /// Touched on the queue alone.
    private final class Ticket: @unchecked Sendable {
        var sequence: UInt16?
        var isCancelled = false
    }

    private func send(
        _ destination: IPAddress, _ address: IPAddress?, _ size: Int, _ timeout: Duration, _ ticket: Ticket,
        _ continuation: CheckedContinuation<Answer, Never>
    ) {
        if ticket.isCancelled { return continuation.resume(returning: .success(nil)) }
        repeat { lastSequence &+= 1 } while waiting[lastSequence] != nil && waiting.count < Int(UInt16.max)
        let sequence = lastSequence
        finish(sequence, .success(nil))
        let nonce = (0..<EchoMessage.nonceLength).map { _ in UInt8.random(in: 0...255) }
        let message = EchoMessage(
            identifier: identifier, sequence: sequence, nonce: nonce,
            padding: EchoMessage.padding(toSize: size, family))
        let code = sendPacket(message.request(family), to: destination, from: address, over: descriptor)
        guard code == 0 else {
            let error = ProbeError.notSent(what: "echo request to \(destination)", code: code)
            return continuation.resume(returning: .failure(error))
        }
        ticket.sequence = sequence
        waiting[sequence] = Waiting(
            message: message, destination: destination, sentAt: .now, continuation: continuation)
        let nanoseconds = Int(clamping: Int64(timeout / .nanoseconds(1)))
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { @Sendable [weak self] in
            // The sequence number may have gone round to another probe.
            guard self?.waiting[sequence]?.message == message else { return }
            self?.finish(sequence, .success(nil))
        }
    }

    private func finish(_ sequence: UInt16, _ answer: Answer) {
        waiting.removeValue(forKey: sequence)?.continuation.resume(returning: answer)
    }

    private func receive() {
        while true {
            var sender = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutableBytes(of: &sender) { raw in
                recvfrom(
                    descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT),
                    raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
            }
            let code = errno
            // An ICMP error that the kernel reports here names no probe.
            if count < 0 {
                if code == EAGAIN { return }
                continue
            }
            guard let message = EchoMessage(reply: buffer[..<count], family), let probe = waiting[message.sequence],
                probe.message == message, addressBytes(sender) == probe.destination.bytes
            else { continue }
            finish(message.sequence, .success(ContinuousClock.now - probe.sentAt))
        }
    }

    private func addressBytes(_ storage: sockaddr_storage) -> [UInt8] {
        let range = family == .v4 ? 4..<8 : 8..<24
        return withUnsafeBytes(of: storage) { Array($0[range]) }
    }

    static func open(_ family: IPAddress.Family) throws(ProbeError) -> Int32 {
        let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let (domain, transport) = family == .v4 ? (AF_INET, Int32(IPPROTO_ICMP)) : (AF_INET6, Int32(IPPROTO_ICMPV6))
        let descriptor = socket(domain, type, transport)
        guard descriptor >= 0 else { throw .noSocket(what: "raw ICMP socket for IP\(family)", code: errno) }
        // Everything but echo replies stays away: ICMP_FILTER (1) of SOL_RAW (255), ICMP6_FILTER (1) of SOL_ICMPV6
        // (58).
        var blocked = [UInt32](repeating: .max, count: family == .v4 ? 1 : 8)
        let reply = family == .v4 ? 0 : 129
        blocked[reply / 32] &= ~(1 << UInt32(reply % 32))
        let level: Int32 = family == .v4 ? 255 : 58
        let status = blocked.withUnsafeBytes { setsockopt(descriptor, level, 1, $0.baseAddress, socklen_t($0.count)) }
        let code = status == 0 ? forbidFragments(family, over: descriptor) : errno
        guard code == 0 else {
            _ = Glibc.close(descriptor)
            throw .noSocket(what: "options of the raw ICMP socket for IP\(family)", code: code)
        }
        // Replies to many long probes at once; without CAP_NET_ADMIN the default has to do.
        var size: Int32 = 4 << 20
        _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }
}

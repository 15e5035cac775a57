internal import CLinux
internal import CMnl
internal import Descriptors
internal import Glibc

/// Which part of the kernel a socket talks to.
public enum NetlinkBus: Int32, Sendable {
    /// `NETLINK_ROUTE`: links, addresses, routes, neighbours.
    case route = 0
    /// `NETLINK_NETFILTER`: nftables.
    case netfilter = 12
    /// `NETLINK_GENERIC`: families found by name, such as `wireguard`.
    case generic = 16
}

/// A netlink socket for requests, in the network namespace of the thread that opens it.
///
/// Every call blocks, for at most the timeout without an answer: use it on an actor with an executor of its own.
/// Notifications have their own socket (`MulticastSocket`), so that they never mix with answers.
public final class NetlinkSocket {
    private let socket: OpaquePointer
    /// Holds one datagram; the kernel's dumps use at most 32 KiB.
    var buffer = [UInt8](repeating: 0, count: 65_536)
    private var lastSequence: UInt32 = 0
    /// Messages sent that ask the kernel to change something.
    public internal(set) var writes = 0

    /// - Parameters:
    ///   - timeout: seconds to wait for each answer.
    ///   - receiveBuffer: bytes; holds the refusals of a whole batch (`NetlinkSocket.batch`).
    /// - Throws: `NetlinkError`.
    public init(_ bus: NetlinkBus, timeout: Int = 5, receiveBuffer: Int32 = 4 << 20) throws(NetlinkError) {
        socket = try openSocket(bus, flags: Int32(SOCK_CLOEXEC.rawValue))
        var wait = timeval(tv_sec: timeout, tv_usec: 0)
        do throws(SystemError) {
            let descriptor = mnl_socket_get_fd(socket)
            try systemCall("set the netlink receive timeout") {
                setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
            }
            try setReceiveBuffer(of: descriptor, bytes: receiveBuffer)
            try enable(NETLINK_EXT_ACK, "extended ack")
            // Without it an error quotes the whole request, which may hold a key.
            try enable(NETLINK_CAP_ACK, "capped ack")
            if bus == .route { try enable(NETLINK_GET_STRICT_CHK, "strict checking") }
            // Port id 0: the kernel chooses one that is free.
            try systemCall("bind a netlink socket") { mnl_socket_bind(socket, 0, 0) }
        } catch {
            mnl_socket_close(socket)
            throw NetlinkError(error)
        }
    }

    deinit { mnl_socket_close(socket) }

    /// The kernel's name for this socket; notifications that its requests cause carry it.
    public var portID: UInt32 { mnl_socket_get_portid(socket) }

    /// Sequence numbers in a row that no answer under way carries.
    func nextSequences(_ count: Int) -> ClosedRange<UInt32> {
        if lastSequence > .max - UInt32(count) { lastSequence = 0 }
        let first = lastSequence + 1
        lastSequence += UInt32(count)
        return first...lastSequence
    }

    func send(_ bytes: [UInt8], _ operation: String) throws(NetlinkError) {
        do throws(SystemError) {
            try systemCall(operation) { bytes.withUnsafeBytes { mnl_socket_sendto(socket, $0.baseAddress, $0.count) } }
        } catch { throw NetlinkError(error) }
    }

    /// Receives one datagram and hands on its messages that answer one of `sequences`; others are late answers.
    func receive(
        answering sequences: ClosedRange<UInt32>, _ operation: String, _ body: (ReceivedMessage) throws -> Void
    ) throws {
        let count: Int
        do throws(SystemError) {
            count = try systemCall(operation) {
                buffer.withUnsafeMutableBytes { mnl_socket_recvfrom(socket, $0.baseAddress, $0.count) }
            }
        } catch {
            throw NetlinkError(code: error.code == EAGAIN ? ETIMEDOUT : error.code, operation: operation)
        }
        let port = portID
        let isWhole = try ReceivedMessage.forEach(in: buffer[..<count]) { message in
            guard sequences.contains(message.sequence), message.portID == port else { return }
            try body(message)
        }
        if !isWhole {
            throw NetlinkError(code: EBADMSG, operation: operation, message: "a message from the kernel was cut off")
        }
    }

    /// Overwrites what the last answers left in the buffer: a dump of a WireGuard device holds its private key.
    public func wipeBuffer() {
        buffer.withUnsafeMutableBytes { bytes in
            if let base = bytes.baseAddress { explicit_bzero(base, bytes.count) }
        }
    }

    private func enable(_ option: Int32, _ name: String) throws(SystemError) {
        var on: Int32 = 1
        try systemCall("turn on netlink's \(name)") {
            mnl_socket_setsockopt(socket, option, &on, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}

func openSocket(_ bus: NetlinkBus, flags: Int32) throws(NetlinkError) -> OpaquePointer {
    guard let socket = mnl_socket_open2(bus.rawValue, flags) else {
        throw NetlinkError(code: errno, operation: "open a netlink socket")
    }
    return socket
}

/// Beyond `net.core.rmem_max` where we may (`CAP_NET_ADMIN`), else up to it.
func setReceiveBuffer(of descriptor: Int32, bytes: Int32) throws(SystemError) {
    var bytes = bytes
    let size = socklen_t(MemoryLayout<Int32>.size)
    if setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, size) == 0 { return }
    try systemCall("set the netlink receive buffer") {
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, size)
    }
}

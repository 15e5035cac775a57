internal import CLinux
internal import CMnl
internal import Descriptors
internal import Glibc

/// A non-blocking netlink socket for notifications, in the network namespace of the thread that opens it.
///
/// Unchecked: `socket` is only a handle, libmnl does not change it after `init`, and the kernel orders the calls on it.
public final class MulticastSocket: @unchecked Sendable {
    /// What was waiting on the socket.
    public enum Reading: Hashable, Sendable {
        /// Everything that was there has been read.
        case drained
        /// The kernel dropped notifications because nobody read them in time (`ENOBUFS`): look at everything again.
        case overflowed
    }

    private let socket: OpaquePointer

    /// - Parameters:
    ///   - groups: group numbers (`RTNLGRP_*`, `GenericNetlinkFamily.multicastGroups`).
    ///   - portID: what this socket's requests cause is dropped by the kernel; it costs nothing here.
    ///   - receiveBuffer: bytes; when it is full, `Reading.overflowed` follows.
    public init(
        _ bus: NetlinkBus, groups: [UInt32], ignoringPortID portID: UInt32? = nil, receiveBuffer: Int32 = 1 << 20
    ) throws(NetlinkError) {
        socket = try openSocket(bus, flags: Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
        do throws(SystemError) {
            try setReceiveBuffer(of: mnl_socket_get_fd(socket), bytes: receiveBuffer)
            try systemCall("bind a netlink socket") { mnl_socket_bind(socket, 0, 0) }
            if let portID { try NotificationFilter.drop(from: portID, on: mnl_socket_get_fd(socket)) }
            for group in groups {
                var group = group
                try systemCall("join netlink group \(group)") {
                    mnl_socket_setsockopt(
                        socket, NETLINK_ADD_MEMBERSHIP, &group, socklen_t(MemoryLayout<UInt32>.size))
                }
            }
        } catch {
            mnl_socket_close(socket)
            throw NetlinkError(error)
        }
    }

    deinit { mnl_socket_close(socket) }

    /// For a readiness source, which must hold on to this socket until it is cancelled.
    public var fileDescriptor: Int32 { mnl_socket_get_fd(socket) }

    /// Reads what is there, without waiting.
    public func drain(_ body: (ReceivedMessage) -> Void) -> Reading {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var reading = Reading.drained
        while true {
            let count = buffer.withUnsafeMutableBytes { mnl_socket_recvfrom(socket, $0.baseAddress, $0.count) }
            let code = errno
            if count >= 0 {
                if !ReceivedMessage.forEach(in: buffer[..<count], body) { reading = .overflowed }
            } else if code == ENOBUFS || code == ENOSPC {
                // Reported once; what follows is newer and still worth reading.
                reading = .overflowed
            } else if code != EINTR {
                return reading
            }
        }
    }
}

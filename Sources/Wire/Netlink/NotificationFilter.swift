internal import CLinux
internal import CMnl
internal import Descriptors
internal import Glibc

/// A classic BPF program on a netlink socket (socket(7), `SO_ATTACH_FILTER`; linux/filter.h).
enum NotificationFilter {
    /// Drops messages that the requests of a socket have caused, before they are queued.
    ///
    /// - Parameter portID: `nlmsg_pid` of these messages (netlink(7)).
    static func drop(from portID: UInt32, on descriptor: Int32) throws(SystemError) {
        let word = UInt16(BPF_LD | BPF_W | BPF_ABS)
        let isEqual = UInt16(BPF_JMP | BPF_JEQ | BPF_K)
        let verdict = UInt16(BPF_RET | BPF_K)
        // Words are read as big-endian ones; a netlink header is in the host's order.
        let offset = UInt32(MemoryLayout<nlmsghdr>.offset(of: \.nlmsg_pid) ?? 12)
        var program = [
            sock_filter(code: word, jt: 0, jf: 0, k: offset),
            sock_filter(code: isEqual, jt: 0, jf: 1, k: portID.bigEndian),
            sock_filter(code: verdict, jt: 0, jf: 0, k: 0),
            sock_filter(code: verdict, jt: 0, jf: 0, k: .max),
        ]
        let count = UInt16(program.count)
        // The pointer does not leave its closure: the kernel copies the program.
        try program.withUnsafeMutableBufferPointer { instructions throws(SystemError) in
            var filter = sock_fprog(len: count, filter: instructions.baseAddress)
            try systemCall("filter netlink notifications") {
                setsockopt(
                    descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, socklen_t(MemoryLayout<sock_fprog>.size))
            }
        }
    }
}

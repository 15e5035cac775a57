internal import Descriptors
internal import Glibc

/// Finds the process behind a netlink port id, in the network namespace of the thread that calls `init`.
///
/// A port id is often the process's pid, but need not be: the kernel's table of netlink sockets gives the socket's
/// inode, and `/proc/PID/fd` shows which process has it open (proc(5)).
struct NetlinkOwners: ~Copyable, Sendable {
    private let table: Descriptor

    init() throws(SystemError) {
        table = try Descriptor(opening: "/proc/thread-self/net/netlink", flags: O_RDONLY)
    }

    /// `gone` when no process has the socket open any more, `hidden` when one does that we may not inspect.
    ///
    /// - Parameter limit: how long to search; a machine may have very many processes.
    func owner(ofPort port: UInt32, within limit: Duration) -> Rival {
        let end = ContinuousClock.now + limit
        guard let inode = inode(ofPort: port) else { return .gone(port: port) }
        let socket = "socket:[\(inode)]"
        let likely = Int32(exactly: port) ?? 0
        if holds(likely, socket), let name = name(of: likely) { return .process(name: name, pid: likely) }
        for entry in entries(of: "/proc") {
            guard ContinuousClock.now < end else { break }
            guard let pid = Int32(entry), holds(pid, socket), let name = name(of: pid) else { continue }
            return .process(name: name, pid: pid)
        }
        // Without CAP_SYS_PTRACE the descriptors of a process that has more capabilities are not readable (ptrace(2)).
        guard self.inode(ofPort: port) == inode else { return .gone(port: port) }
        return .hidden(port: port, likely: name(of: likely))
    }

    /// Columns: sk, Eth (the protocol, 0 is NETLINK_ROUTE), Pid (the port id), Groups, Rmem, Wmem, Dump, Locks, Drops,
    /// Inode (net/netlink/af_netlink.c, netlink_native_seq_show).
    private func inode(ofPort port: UInt32) -> Substring? {
        guard lseek(table.rawValue, 0, SEEK_SET) == 0, let bytes = try? table.readAll() else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let columns = line.split(separator: " ")
            if columns.count == 10, columns[1] == "0", UInt32(columns[2]) == port { return columns[9] }
        }
        return nil
    }

    private func holds(_ pid: Int32, _ socket: String) -> Bool {
        let directory = "/proc/\(pid)/fd"
        return entries(of: directory).contains { target(of: "\(directory)/\($0)") == socket }
    }

    private func name(of pid: Int32) -> String? {
        guard let file = try? Descriptor(opening: "/proc/\(pid)/comm", flags: O_RDONLY), let bytes = try? file.readAll()
        else { return nil }
        // A program can choose any name for itself.
        return String(String(decoding: bytes, as: UTF8.self).filter { $0.isASCII && $0 > " " && $0 != "\u{7f}" })
    }

    private func entries(of directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }

    private func target(of link: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = readlink(link, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}

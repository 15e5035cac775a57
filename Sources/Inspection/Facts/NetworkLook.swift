internal import Doctor
internal import Glibc

/// The network namespace of this process, read from `/proc`.
struct NetworkLook {
    let root: HostRoot

    /// Interfaces of IPv4 default routes.
    func defaultRoutes() -> Set<String> {
        Set(
            lines("route").compactMap { fields in
                // Iface Destination Gateway Flags RefCnt Use Metric Mask
                fields.count > 7 && fields[1] == "00000000" && fields[7] == "00000000" ? fields[0] : nil
            })
    }

    /// Interfaces of IPv6 default routes that the kernel created from router advertisements.
    func advertisedRoutes() -> Set<String> {
        Set(
            lines("ipv6_route").compactMap { fields in
                // Destination and its length, source and its length, next hop, metric, references, use, flags, device
                guard fields.count > 9, fields[1] == "00", let flags = UInt32(fields[8], radix: 16),
                    // RTF_ADDRCONF | RTF_DEFAULT of linux/ipv6_route.h
                    flags & 0x50000 == 0x50000
                else { return nil }
                return fields[9]
            })
    }

    /// Which of the ports are open, and by whom.
    func udpPorts(_ ports: Set<UInt16>, processes: [ProcessLook.Process]) -> [NetworkFacts.UDPPort] {
        var inodes: [UInt16: String] = [:]
        for fields in lines("udp") + lines("udp6") where fields.count > 9 {
            guard let digits = fields[1].split(separator: ":").last, let port = UInt16(digits, radix: 16),
                ports.contains(port)
            else { continue }
            // The kernel's own sockets have no inode; a process with the port open takes precedence.
            if inodes[port] == nil || inodes[port] == "0" { inodes[port] = fields[9] }
        }
        return inodes.sorted { $0.key < $1.key }.map { port, inode in
            let holder = inode == "0" ? nil : processes.first { $0.hasSocket(inode, root: root) }?.name
            return NetworkFacts.UDPPort(number: port, holder: holder)
        }
    }

    private func lines(_ file: String) -> [[String]] {
        (root.text("/proc/thread-self/net/\(file)", limit: 64 << 20) ?? "").split(separator: "\n").map { line in
            line.split { $0 == " " || $0 == "\t" }.map(String.init)
        }
    }
}

/// The processes of our own network namespace.
struct ProcessLook {
    struct Process {
        var pid: Int32
        /// As the kernel shortens it to 15 bytes.
        var name: String
        /// Whether its network namespace could be compared with ours.
        var isCertain = true

        func hasSocket(_ inode: String, root: HostRoot) -> Bool {
            let directory = "/proc/\(pid)/fd"
            return root.names(in: directory).contains { root.link("\(directory)/\($0)") == "socket:[\(inode)]" }
        }
    }

    let root: HostRoot

    func processes() -> [Process] {
        let ours = root.link("/proc/thread-self/ns/net")
        return root.names(in: "/proc").compactMap { name in
            guard let pid = Int32(name), let command = root.text("/proc/\(name)/comm") else { return nil }
            let theirs = root.link("/proc/\(name)/ns/net")
            // A process whose namespace is not known counts as one of ours.
            if let ours, let theirs, ours != theirs { return nil }
            return Process(
                pid: pid, name: command.split(separator: "\n").first.map(String.init) ?? "",
                isCertain: ours == nil || theirs != nil)
        }
    }

    func services(_ processes: [Process]) -> ServiceFacts {
        let units = root.names(in: "/etc/systemd/system").filter { $0.hasSuffix(".wants") || $0.hasSuffix(".requires") }
        return ServiceFacts(
            processes: Set(processes.map(\.name)),
            enabledUnits: Set(units.flatMap { root.names(in: "/etc/systemd/system/\($0)") }))
    }
}

extension HostRoot {
    /// The target of a symbolic link; nil when it does not exist or cannot be read.
    func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(real(path), &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
}

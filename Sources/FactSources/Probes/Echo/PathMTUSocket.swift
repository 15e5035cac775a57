internal import CLinux
internal import Descriptors
internal import Glibc
internal import NetAddress

/// A UDP socket that never sends: once connected to an address, it has the kernel's path MTU (`IP_MTU`).
struct PathMTUSocket: ~Copyable {
    private let family: IPAddress.Family
    private let descriptor: Descriptor

    init(_ family: IPAddress.Family) throws(ProbeError) {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        let rawValue = socket(family == .v4 ? AF_INET : AF_INET6, type, 0)
        guard rawValue >= 0 else { throw .noSocket(what: "UDP socket for IP\(family)", code: errno) }
        descriptor = Descriptor(adopting: rawValue)
        self.family = family
    }

    /// - Returns: bytes of an IP packet.
    func pathMTU(to destination: IPAddress) throws(ProbeError) -> Int {
        // The route that an earlier connect chose, and the source that came with it, are forgotten.
        _ = connect([UInt8](repeating: 0, count: 16))
        guard connect(socketAddressBytes(destination)) == 0 else {
            throw .notSent(what: "path MTU to \(destination)", code: errno)
        }
        // IP_MTU 14 (linux/in.h), IPV6_MTU 24 (linux/in6.h).
        let (level, name): (Int32, Int32) = family == .v4 ? (Int32(IPPROTO_IP), 14) : (Int32(IPPROTO_IPV6), 24)
        var mtu: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor.rawValue, level, name, &mtu, &size) == 0 else {
            throw .notSent(what: "path MTU to \(destination)", code: errno)
        }
        // Loopback's MTU is larger than any packet.
        return min(Int(mtu), Int(UInt16.max))
    }

    private func connect(_ address: [UInt8]) -> Int32 {
        address.withUnsafeBytes { bytes in
            Glibc.connect(
                descriptor.rawValue, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }
}

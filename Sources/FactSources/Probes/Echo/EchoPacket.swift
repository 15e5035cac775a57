internal import CLinux
internal import Glibc
internal import NetAddress

/// The memory of one echo request, which is filled anew for each: sending allocates nothing.
///
/// Layout: the destination (`sockaddr_in6`), the control message (`cmsghdr`, `in6_pktinfo`), the ICMP message.
struct EchoPacket: ~Copyable {
    /// The header, the secret, the number, and four bytes of zero.
    static let length = 24
    private static let control = 32
    private static let message = 80
    private static let size = message + length

    private let memory: UnsafeMutableRawPointer
    private let stamp: EchoStamp

    init(identifier: UInt16, secret: UInt64) {
        stamp = EchoStamp(identifier: identifier, secret: secret)
        memory = .allocate(byteCount: EchoPacket.size, alignment: 16)
    }

    deinit { memory.deallocate() }

    /// - Returns: 0, or the errno.
    mutating func send(_ request: EchoBatch.Request, over descriptor: Int32) -> Int32 {
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: EchoPacket.size)
        let isV4 = request.destination.family == .v4
        // sockaddr_in and sockaddr_in6 with port 0 (ip(7), ipv6(7)).
        memory.storeBytes(of: sa_family_t(isV4 ? AF_INET : AF_INET6), as: sa_family_t.self)
        store(request.destination, at: isV4 ? 4 : 8)
        let controlLength = storeSource(request.source)
        storeMessage(request.number, isV4: isV4)
        var vector = iovec(iov_base: memory + EchoPacket.message, iov_len: EchoPacket.length)
        return withUnsafeMutablePointer(to: &vector) { vector in
            var header = msghdr()
            header.msg_name = memory
            header.msg_namelen = socklen_t(isV4 ? 16 : 28)
            header.msg_iov = vector
            header.msg_iovlen = 1
            header.msg_control = memory + EchoPacket.control
            header.msg_controllen = controlLength
            return sendmsg(descriptor, &header, 0) < 0 ? errno : 0
        }
    }

    /// As `packetInfo` in SendFrom.swift.
    ///
    /// - Returns: the length of the control message.
    private func storeSource(_ source: IPAddress) -> Int {
        let isV4 = source.family == .v4
        let payload = isV4 ? 12 : 20
        var header = cmsghdr()
        header.cmsg_len = MemoryLayout<cmsghdr>.size + payload
        header.cmsg_level = isV4 ? Int32(IPPROTO_IP) : Int32(IPPROTO_IPV6)
        header.cmsg_type = isV4 ? 8 : 50
        (memory + EchoPacket.control).storeBytes(of: header, as: cmsghdr.self)
        store(source, at: EchoPacket.control + MemoryLayout<cmsghdr>.size + (isV4 ? 4 : 0))
        return MemoryLayout<cmsghdr>.size + (payload + 7) & ~7
    }

    private func storeMessage(_ number: UInt32, isV4: Bool) {
        let message = memory + EchoPacket.message
        message.storeBytes(of: isV4 ? 8 : 128, as: UInt8.self)
        message.storeBytes(of: stamp.identifier.bigEndian, toByteOffset: 4, as: UInt16.self)
        message.storeBytes(of: UInt16(truncatingIfNeeded: number).bigEndian, toByteOffset: 6, as: UInt16.self)
        message.storeBytes(of: stamp.secret.bigEndian, toByteOffset: 8, as: UInt64.self)
        message.storeBytes(of: number.bigEndian, toByteOffset: 16, as: UInt32.self)
        // The kernel fills in the checksum of ICMPv6.
        guard isV4 else { return }
        let checksum = internetChecksum(UnsafeRawBufferPointer(start: message, count: EchoPacket.length))
        message.storeBytes(of: checksum.bigEndian, toByteOffset: 2, as: UInt16.self)
    }

    private func store(_ address: IPAddress, at offset: Int) {
        if address.family == .v4 {
            let bytes = UInt32(truncatingIfNeeded: address.value).bigEndian
            memory.storeBytes(of: bytes, toByteOffset: offset, as: UInt32.self)
        } else {
            memory.storeBytes(of: address.value.bigEndian, toByteOffset: offset, as: UInt128.self)
        }
    }
}

internal import CLinux
internal import Glibc
internal import NetAddress

/// Sends a packet from a chosen address (`IP_PKTINFO`, ip(7); `IPV6_PKTINFO`, ipv6(7)), so that one socket serves all.
///
/// - Returns: 0, or the errno.
func sendPacket(
    _ packet: [UInt8], to destination: IPAddress, from source: IPAddress?, over descriptor: Int32
) -> Int32 {
    var name = socketAddressBytes(destination)
    var packet = packet
    var control = source.map(packetInfo) ?? []
    return name.withUnsafeMutableBytes { name in
        packet.withUnsafeMutableBytes { packet in
            control.withUnsafeMutableBytes { control in
                var vector = iovec(iov_base: packet.baseAddress, iov_len: packet.count)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var message = msghdr()
                    message.msg_name = name.baseAddress
                    message.msg_namelen = socklen_t(name.count)
                    message.msg_iov = vector
                    message.msg_iovlen = 1
                    message.msg_control = control.isEmpty ? nil : control.baseAddress
                    message.msg_controllen = control.count
                    return sendmsg(descriptor, &message, 0) < 0 ? errno : 0
                }
            }
        }
    }
}

/// A `sockaddr_in` or `sockaddr_in6` with port 0.
func socketAddressBytes(_ address: IPAddress) -> [UInt8] {
    let family = sa_family_t(address.family == .v4 ? AF_INET : AF_INET6)
    let head = withUnsafeBytes(of: family) { Array($0) } + [0, 0]
    return address.family == .v4
        ? head + address.bytes + [UInt8](repeating: 0, count: 8)
        : head + [0, 0, 0, 0] + address.bytes + [0, 0, 0, 0]
}

/// A control message: `cmsghdr`, then `in_pktinfo` (index, source, destination) or `in6_pktinfo` (source, index),
/// padded to the alignment of `size_t`. Written by hand: Swift sees neither the CMSG macros nor `in6_pktinfo`.
private func packetInfo(_ source: IPAddress) -> [UInt8] {
    let isV4 = source.family == .v4
    let unset = [UInt8](repeating: 0, count: 4)
    let payload = isV4 ? unset + source.bytes + unset : source.bytes + unset
    var header = cmsghdr()
    header.cmsg_len = MemoryLayout<cmsghdr>.size + payload.count
    header.cmsg_level = isV4 ? Int32(IPPROTO_IP) : Int32(IPPROTO_IPV6)
    // IP_PKTINFO (linux/in.h), IPV6_PKTINFO (linux/in6.h).
    header.cmsg_type = isV4 ? 8 : 50
    let bytes = withUnsafeBytes(of: header) { Array($0) } + payload
    return bytes + [UInt8](repeating: 0, count: -bytes.count & 7)
}

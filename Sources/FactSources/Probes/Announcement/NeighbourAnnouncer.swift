internal import CLinux
internal import Descriptors
internal import Glibc
public import NetAddress

/// Tells the neighbours on a bridge where an address lives now, so that their stale entries do not outlive a move.
public struct NeighbourAnnouncer: Sendable {
    public init() {}

    /// Sends an ARP announcement (request and reply) for IPv4, an unsolicited neighbour advertisement for IPv6.
    ///
    /// Makes a few system calls and never blocks; the interface is one of the calling thread's network namespace. No
    /// announcement is confirmed: send it again when the move must not be missed.
    /// - Parameters:
    ///   - macAddress: where the address lives: a container's, or nil for the interface's own.
    /// - Throws: `ProbeError.badInterface`, `.noSocket`, `.notSent` (`ENETDOWN` while the interface is down).
    public func announce(
        _ address: IPAddress, on interface: String, macAddress: MACAddress? = nil
    ) throws(ProbeError) {
        let index = if_nametoindex(interface)
        guard index != 0 else { throw .badInterface(name: interface, reason: "there is no such interface") }
        let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        // Protocol 0: nothing is received.
        let number = socket(AF_PACKET, type, 0)
        guard number >= 0 else { throw .noSocket(what: "packet socket on \(interface)", code: errno) }
        let descriptor = Descriptor(adopting: number)
        let own = try bind(descriptor.rawValue, to: index, name: interface)
        let source = macAddress ?? own
        let frames =
            switch address.family {
            case .v4: [false, true].map { NeighbourPacket.arpAnnouncement(address, at: source, isReply: $0) }
            case .v6: [NeighbourPacket.neighbourAdvertisement(address, at: source)]
            }
        for frame in frames {
            guard send(descriptor.rawValue, frame, frame.count, 0) == frame.count else {
                throw .notSent(what: "announcement of \(address) on \(interface)", code: errno)
            }
        }
    }

    /// Binds the socket to the interface; getsockname(2) of a bound packet socket returns the interface's own address.
    private func bind(_ descriptor: Int32, to index: UInt32, name: String) throws(ProbeError) -> MACAddress {
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_ifindex = Int32(bitPattern: index)
        var size = socklen_t(MemoryLayout<sockaddr_ll>.size)
        let code = withUnsafeMutableBytes(of: &address) { raw -> Int32 in
            let pointer = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            guard Glibc.bind(descriptor, pointer, size) == 0 else { return errno }
            guard let pointer else { return EFAULT }
            return getsockname(descriptor, pointer, &size) == 0 ? 0 : errno
        }
        guard code == 0 else { throw .noSocket(what: "packet socket on \(name)", code: code) }
        // ARPHRD_ETHER (linux/if_arp.h): bridges and veths are; tunnels are not.
        guard address.sll_hatype == 1, address.sll_halen == 6,
            let mac = withUnsafeBytes(of: address.sll_addr, { MACAddress(bytes: $0.prefix(6)) })
        else { throw .badInterface(name: name, reason: "it is not an Ethernet interface, so it has no neighbours") }
        return mac
    }
}

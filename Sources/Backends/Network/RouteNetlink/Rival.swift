internal import CLinux

/// Who changed one of our objects, as far as the kernel reports it.
public enum Rival: Hashable, Sendable, CustomStringConvertible {
    /// The socket that sent the request belongs to this process.
    case process(name: String, pid: Int32)
    /// The socket that sent the request was closed when it was looked up.
    case gone(port: UInt32)
    /// The socket that sent the request is open in a process that we may not inspect; a process of that pid has this
    /// name.
    case hidden(port: UInt32, likely: String?)
    /// The route in the place of ours names the routing protocol that created it (`rtm_protocol`).
    case routing(protocolNumber: UInt8)

    /// `keepalived (pid 812)`, for events.
    public var description: String {
        switch self {
        case .process(let name, let pid): "\(name) (pid \(pid))"
        case .gone(let port): "a program that ended at once (netlink port \(port))"
        case .hidden(let port, let likely):
            "a program that wgd may not look into (netlink port \(port))"
                + (likely.map { ", probably \($0) (pid \(port))" } ?? "")
        case .routing(let number): "a program with routes of protocol \(Rival.protocols[number] ?? "\(number)")"
        }
    }

    /// `RTPROT_*` of programs (linux/rtnetlink.h), as /etc/iproute2/rt_protos names them.
    private static let protocols: [UInt8: String] = [
        UInt8(RTPROT_GATED): "gated", UInt8(RTPROT_RA): "ra", UInt8(RTPROT_MRT): "mrt", UInt8(RTPROT_ZEBRA): "zebra",
        UInt8(RTPROT_BIRD): "bird", UInt8(RTPROT_DNROUTED): "dnrouted", UInt8(RTPROT_XORP): "xorp",
        UInt8(RTPROT_NTK): "ntk", UInt8(RTPROT_DHCP): "dhcp", UInt8(RTPROT_MROUTED): "mrouted",
        UInt8(RTPROT_KEEPALIVED): "keepalived", UInt8(RTPROT_BABEL): "babel", UInt8(RTPROT_OPENR): "openr",
        UInt8(RTPROT_BGP): "bgp", UInt8(RTPROT_ISIS): "isis", UInt8(RTPROT_OSPF): "ospf", UInt8(RTPROT_RIP): "rip",
        UInt8(RTPROT_EIGRP): "eigrp",
    ]
}

internal import CLinux
internal import Glibc
internal import Netlink

extension KernelTransport {
    /// `IFLA_INFO_KIND` of a link of the calling thread's network namespace: `wireguard`, `tun`; empty for hardware.
    ///
    /// - Returns: nil when there is no such link.
    func kind(of interface: String) throws(WireGuardError) -> String? {
        let operation = "look at the link"
        var request = NetlinkMessage(type: UInt16(RTM_GETLINK), header: ifinfomsg())
        request.put(UInt16(IFLA_IFNAME), string: interface)
        request.put(UInt16(IFLA_EXT_MASK), UInt32(RTEXT_FILTER_SKIP_STATS))
        do {
            return try NetlinkSocket(.route).get(request, operation) { message in
                var kind = ""
                var attributes = message.attributes(after: ifinfomsg.self)
                while let type = attributes.next() {
                    guard type == UInt16(IFLA_LINKINFO) else { continue }
                    var info = attributes.nested()
                    while let type = info.next() {
                        if type == UInt16(IFLA_INFO_KIND) { kind = info.string() }
                    }
                    try info.check()
                }
                try attributes.check()
                return kind
            }
        } catch let error as NetlinkError {
            if error.code == ENODEV { return nil }
            throw .refused(interface: interface, operation: operation, code: error.code, detail: error.message)
        } catch {
            throw .malformed(interface: interface, reason: "\(error)")
        }
    }
}

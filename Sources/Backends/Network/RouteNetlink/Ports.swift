internal import CLinux
internal import Glibc
internal import HostState
internal import NetAddress
internal import Netlink

extension LinkTable {
    /// By name; veths without a bridge whose other end has one of `macAddresses` in another namespace have that address
    /// set.
    func byName(findingPorts macAddresses: Set<MACAddress>, _ socket: NetlinkSocket) throws -> [String: ObservedLink] {
        var links = byName
        // Only for veths without a bridge: a host may have very many containers whose veths have one.
        for stray in macAddresses.isEmpty ? [] : strays {
            guard let address = try socket.peerMACAddress(of: stray), macAddresses.contains(address) else { continue }
            links[stray.link.name]?.peerMACAddress = address
        }
        return links
    }
}

extension NetlinkSocket {
    /// The address of a veth's other end in another namespace; nil when that cannot be read.
    fileprivate func peerMACAddress(of veth: LinkRecord) throws -> MACAddress? {
        guard let index = veth.peerIndex, let namespace = veth.peerNamespace else { return nil }
        var header = ifinfomsg()
        header.ifi_index = index
        var request = NetlinkMessage(type: MessageType.getLink, header: header)
        request.put(LinkAttribute.targetNamespace, namespace)
        request.put(LinkAttribute.extensionMask, UInt32(RTEXT_FILTER_SKIP_STATS))
        do {
            return try get(request, "read the other end of link \(veth.link.name)") { try LinkRecord($0) }
                .link.macAddress
        } catch let error as NetlinkError where [ENODEV, EINVAL, EACCES, EPERM].contains(error.code) {
            // The namespace was deleted meanwhile, or belongs to another user.
            return nil
        }
    }
}

internal import CLinux
internal import HostState
internal import NetAddress
internal import Netlink

/// Requests that make and delete proxy neighbour entries.
enum ProxyNeighbourMessages {
    static func add(_ neighbour: ProxyNeighbour, index: Int32) -> NetlinkMessage {
        var message = message(MessageType.newNeighbour, flags: RequestFlags.createOrReplace, neighbour, index)
        // The owner, as in routes (since Linux 4.20).
        message.put(NeighbourAttribute.protocolNumber, OwnershipMark.routeProtocol)
        return message
    }

    static func delete(_ neighbour: ProxyNeighbour, index: Int32) -> NetlinkMessage {
        message(MessageType.deleteNeighbour, flags: 0, neighbour, index)
    }

    private static func message(
        _ type: UInt16, flags: UInt16, _ neighbour: ProxyNeighbour, _ index: Int32
    ) -> NetlinkMessage {
        var header = ndmsg()
        header.ndm_family = neighbour.address.netlinkFamily
        header.ndm_ifindex = index
        header.ndm_state = NeighbourAttribute.permanent
        header.ndm_flags = NeighbourAttribute.proxy
        var message = NetlinkMessage(type: type, flags: flags, header: header)
        message.put(NeighbourAttribute.destination, bytes: neighbour.address.bytes)
        return message
    }
}

extension NetlinkSocket {
    /// The proxy entries that carry our protocol number.
    func proxyNeighbours(of links: LinkTable) throws -> Set<ProxyNeighbour> {
        var header = ndmsg()
        // Without it the kernel lists neighbours and no proxies.
        header.ndm_flags = NeighbourAttribute.proxy
        let request = NetlinkMessage(type: MessageType.getNeighbour, header: header)
        return try dump(request, "list proxy neighbours", into: Set<ProxyNeighbour>()) { neighbours, message in
            guard message.type == MessageType.newNeighbour, let header = message.header(ndmsg.self),
                header.ndm_flags & NeighbourAttribute.proxy != 0, let link = links.links[header.ndm_ifindex]
            else { return }
            var address: IPAddress?
            var owner: UInt8 = 0
            var attributes = message.attributes(after: ndmsg.self)
            while let type = attributes.next() {
                switch type {
                case NeighbourAttribute.destination: address = IPAddress(bytes: attributes.payload)
                case NeighbourAttribute.protocolNumber: owner = attributes.integer(UInt8.self)
                default: break
                }
            }
            try attributes.check()
            guard let address, owner == OwnershipMark.routeProtocol else { return }
            neighbours.insert(ProxyNeighbour(interface: link.name, address: address))
        }
    }
}

internal import CLinux
internal import HostState
internal import NetAddress
internal import Netlink

/// Requests that create, change and delete links.
enum LinkMessages {
    /// Creates a link and marks it, in messages for one system call: a daemon that is killed leaves either nothing or a
    /// marked link.
    ///
    /// The kernel accepts no alias while creating a link, and a batch continues after a refusal. So the link gets an
    /// index chosen here, and the alias is set on that index: when a foreign link of that name exists, it is not
    /// marked.
    static func create(
        _ link: DesiredLink, index: Int32, peerIndex: Int32, masterIndex: Int32?
    ) -> [NetlinkMessage] {
        var header = ifinfomsg()
        header.ifi_index = index
        var create = NetlinkMessage(type: MessageType.newLink, flags: RequestFlags.create, header: header)
        create.put(LinkAttribute.name, string: link.name)
        if let mtu = link.mtu { create.put(LinkAttribute.mtu, mtu) }
        if let address = link.macAddress { create.put(LinkAttribute.address, bytes: address.bytes) }
        create.nest(LinkAttribute.info) { info in
            switch link.kind {
            case .bridge:
                info.put(LinkAttribute.infoKind, string: "bridge")
                info.nest(LinkAttribute.infoData) { bridge in
                    // No spanning tree, so a port may carry packets at once.
                    bridge.put(LinkAttribute.bridgeForwardDelay, UInt32(0))
                    // Neighbour discovery is multicast: it must reach every port, querier or not.
                    bridge.put(LinkAttribute.bridgeMulticastSnooping, UInt8(0))
                }
            case .veth(let peer):
                info.put(LinkAttribute.infoKind, string: "veth")
                info.nest(LinkAttribute.infoData) { data in
                    data.nest(LinkAttribute.vethPeer) { message in
                        var header = ifinfomsg()
                        header.ifi_index = peerIndex
                        message.append(header: header)
                        message.put(LinkAttribute.name, string: peer)
                        if let mtu = link.mtu { message.put(LinkAttribute.mtu, mtu) }
                    }
                }
            case .wireguard: info.put(LinkAttribute.infoKind, string: "wireguard")
            }
        }
        var messages = [create]
        if case .veth = link.kind { messages.append(setPeer(peerIndex, alias: link.alias, mtu: nil)) }
        messages.append(set(index, alias: link.alias, masterIndex: masterIndex, isUp: true))
        return messages
    }

    /// Sets the given values and leaves the others.
    static func set(
        _ index: Int32, mtu: UInt32? = nil, macAddress: MACAddress? = nil, alias: String? = nil,
        masterIndex: Int32? = nil, isUp: Bool? = nil
    ) -> NetlinkMessage {
        var header = ifinfomsg()
        header.ifi_index = index
        if let isUp {
            header.ifi_flags = isUp ? UInt32(IFF_UP.rawValue) : 0
            header.ifi_change = UInt32(IFF_UP.rawValue)
        }
        var message = NetlinkMessage(type: MessageType.setLink, header: header)
        put(&message, mtu: mtu, alias: alias)
        if let macAddress { message.put(LinkAttribute.address, bytes: macAddress.bytes) }
        if let masterIndex { message.put(LinkAttribute.master, masterIndex) }
        return message
    }

    /// The far end of a bridge's anchor: up, so that the bridge has a carrier, and without ARP. It sees the bridge's
    /// broadcasts, and would answer for the host's addresses with its own MAC.
    static func setPeer(_ index: Int32, alias: String?, mtu: UInt32?) -> NetlinkMessage {
        var header = ifinfomsg()
        header.ifi_index = index
        header.ifi_flags = UInt32(IFF_UP.rawValue | IFF_NOARP.rawValue)
        header.ifi_change = header.ifi_flags
        var message = NetlinkMessage(type: MessageType.setLink, header: header)
        put(&message, mtu: mtu, alias: alias)
        return message
    }

    static func rename(_ index: Int32, to name: String) -> NetlinkMessage {
        var header = ifinfomsg()
        header.ifi_index = index
        var message = NetlinkMessage(type: MessageType.setLink, header: header)
        message.put(LinkAttribute.name, string: name)
        return message
    }

    static func delete(index: Int32) -> NetlinkMessage {
        var header = ifinfomsg()
        header.ifi_index = index
        return NetlinkMessage(type: MessageType.deleteLink, header: header)
    }

    private static func put(_ message: inout NetlinkMessage, mtu: UInt32?, alias: String?) {
        if let mtu { message.put(LinkAttribute.mtu, mtu) }
        // Without a NUL, which the kernel would store.
        if let alias { message.put(LinkAttribute.alias, bytes: Array(alias.utf8)) }
    }
}

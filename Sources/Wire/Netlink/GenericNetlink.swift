internal import CLinux
internal import Glibc

/// A family of generic netlink, found by its name.
public struct GenericNetlinkFamily: Hashable, Sendable {
    /// `nlmsg_type` of its messages; given out anew each time that the module is loaded.
    public let id: UInt16
    public let name: String
    public let version: UInt8
    /// Group numbers by name.
    public let multicastGroups: [String: UInt32]

    /// Begins a request.
    ///
    /// - Parameters:
    ///   - command: the family's own number, such as `WG_CMD_SET_DEVICE`.
    ///   - capacity: as `NetlinkMessage.init`.
    public func message(_ command: UInt8, flags: UInt16 = 0, capacity: Int = 256) -> NetlinkMessage {
        NetlinkMessage(
            type: id, flags: flags, header: genlmsghdr(cmd: command, version: version, reserved: 0),
            capacity: capacity)
    }
}

extension ReceivedMessage {
    /// The command and attributes of a generic netlink message.
    public var generic: (command: UInt8, attributes: AttributeDecoder)? {
        header(genlmsghdr.self).map { ($0.cmd, attributes(after: genlmsghdr.self)) }
    }
}

extension NetlinkSocket {
    /// Looks up a family; nil when the kernel has none of that name, after trying to load its module.
    ///
    /// - Throws: `NetlinkError` for any other failure.
    public func genericFamily(named name: String) throws -> GenericNetlinkFamily? {
        var request = NetlinkMessage(
            type: UInt16(GENL_ID_CTRL), header: genlmsghdr(cmd: UInt8(CTRL_CMD_GETFAMILY), version: 2, reserved: 0))
        request.put(UInt16(CTRL_ATTR_FAMILY_NAME), string: name)
        let operation = "look up the generic netlink family \(name)"
        do {
            return try get(request, operation) { answer in
                var id: UInt16 = 0
                var version: UInt32 = 1
                var groups: [String: UInt32] = [:]
                var attributes = answer.attributes(after: genlmsghdr.self)
                while let type = attributes.next() {
                    switch Int(type) {
                    case Int(CTRL_ATTR_FAMILY_ID): id = attributes.integer(UInt16.self)
                    case Int(CTRL_ATTR_VERSION): version = attributes.integer(UInt32.self)
                    case Int(CTRL_ATTR_MCAST_GROUPS): groups = try multicastGroups(attributes.nested())
                    default: break
                    }
                }
                try attributes.check()
                return GenericNetlinkFamily(
                    id: id, name: name, version: UInt8(truncatingIfNeeded: version), multicastGroups: groups)
            }
        } catch let error as NetlinkError where error.code == ENOENT {
            return nil
        }
    }
}

private func multicastGroups(_ list: AttributeDecoder) throws -> [String: UInt32] {
    var list = list
    var groups: [String: UInt32] = [:]
    while list.next() != nil {
        var group = list.nested()
        var name = ""
        var id: UInt32 = 0
        while let type = group.next() {
            switch Int(type) {
            case Int(CTRL_ATTR_MCAST_GRP_NAME): name = group.string()
            case Int(CTRL_ATTR_MCAST_GRP_ID): id = group.integer(UInt32.self)
            default: break
            }
        }
        try group.check()
        groups[name] = id
    }
    try list.check()
    return groups
}

internal import CLinux

/// The attributes that a command of a generic netlink family knows, as the kernel tells them (`CTRL_CMD_GETPOLICY`,
/// Linux 5.10): how to find out what a kernel can do without having it do anything.
public struct GenericPolicy: Hashable, Sendable {
    /// One attribute (`NL_POLICY_TYPE_ATTR_*`).
    public struct Attribute: Hashable, Sendable {
        /// Which policy holds for what is nested in it; nil where the kernel does not say.
        var nested: UInt32?
        /// The bits that flags may have; nil where the kernel does not check them by itself.
        public var mask: UInt64?
    }

    /// By number and attribute.
    private var policies: [UInt32: [UInt16: Attribute]] = [:]
    /// The number of a command's own policy.
    private var commands: [UInt16: UInt32] = [:]

    init() {}

    /// What a request of `command` may carry; empty where the kernel does not say.
    public func attributes(of command: UInt8) -> [UInt16: Attribute] {
        commands[UInt16(command)].flatMap { policies[$0] } ?? [:]
    }

    /// What may be nested in `attribute`; nil where the kernel does not say.
    public func attributes(in attribute: Attribute) -> [UInt16: Attribute]? {
        attribute.nested.flatMap { policies[$0] }
    }

    /// Takes one message of the dump: where each command's policy is found, or an attribute of one.
    mutating func take(_ attributes: AttributeDecoder) throws {
        try GenericPolicy.forEach(attributes) { type, attribute in
            switch Int(type) {
            case Int(CTRL_ATTR_OP_POLICY):
                try GenericPolicy.forEach(attribute.nested()) { command, kinds in
                    try GenericPolicy.forEach(kinds.nested()) { kind, number in
                        guard Int(kind) == Int(CTRL_ATTR_POLICY_DO) else { return }
                        commands[command] = number.integer(UInt32.self)
                    }
                }
            case Int(CTRL_ATTR_POLICY):
                try GenericPolicy.forEach(attribute.nested()) { number, entries in
                    try GenericPolicy.forEach(entries.nested()) { type, entry in
                        policies[UInt32(number), default: [:]][type] = try Attribute(entry.nested())
                    }
                }
            default: break
            }
        }
    }

    fileprivate static func forEach(
        _ list: AttributeDecoder, _ body: (UInt16, inout AttributeDecoder) throws -> Void
    ) throws {
        var list = list
        while let type = list.next() { try body(type, &list) }
        try list.check()
    }
}

extension GenericPolicy.Attribute {
    fileprivate init(_ properties: AttributeDecoder) throws {
        try GenericPolicy.forEach(properties) { property, value in
            switch UInt32(property) {
            case NL_POLICY_TYPE_ATTR_POLICY_IDX.rawValue: nested = value.integer(UInt32.self)
            case NL_POLICY_TYPE_ATTR_MASK.rawValue: mask = value.integer(UInt64.self)
            default: break
            }
        }
    }
}

extension NetlinkSocket {
    /// Asks what a request of `command` may carry.
    ///
    /// - Throws: `NetlinkError`, also where the kernel is too old to say.
    public func policy(of family: GenericNetlinkFamily, command: UInt8) throws -> GenericPolicy {
        var request = NetlinkMessage(
            type: UInt16(GENL_ID_CTRL), header: genlmsghdr(cmd: UInt8(CTRL_CMD_GETPOLICY), version: 1, reserved: 0))
        request.put(UInt16(CTRL_ATTR_FAMILY_ID), family.id)
        request.put(UInt16(CTRL_ATTR_OP), UInt32(command))
        return try dump(request, "read the policy of \(family.name)", into: GenericPolicy()) { policy, message in
            try policy.take(message.attributes(after: genlmsghdr.self))
        }
    }
}

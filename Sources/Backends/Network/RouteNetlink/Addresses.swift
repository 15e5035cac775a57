internal import CLinux
internal import HostState
internal import NetAddress
internal import Netlink

extension IPAddress {
    var netlinkFamily: UInt8 { family == .v4 ? AddressFamily.ipv4 : AddressFamily.ipv6 }
}

/// Requests that create and delete addresses of interfaces.
enum AddressMessages {
    static func add(_ address: DesiredAddress, index: Int32) -> NetlinkMessage {
        var message = message(
            MessageType.newAddress, flags: RequestFlags.create, address.address, address.prefixLength, peer: nil, index)
        if address.address.family == .v6 {
            // Duplicates are found over the whole fleet's manifests. On the wire, a proxy entry of another host would
            // answer the probe and the address would never work.
            message.put(AddressAttribute.flags, AddressAttribute.noDuplicateDetection)
        }
        return message
    }

    static func delete(_ address: ObservedAddress, index: Int32) -> NetlinkMessage {
        message(
            MessageType.deleteAddress, flags: 0, address.address, address.prefixLength, peer: address.peer, index)
    }

    private static func message(
        _ type: UInt16, flags: UInt16, _ address: IPAddress, _ prefixLength: Int, peer: IPAddress?, _ index: Int32
    ) -> NetlinkMessage {
        var header = ifaddrmsg()
        header.ifa_family = address.netlinkFamily
        header.ifa_prefixlen = UInt8(prefixLength)
        header.ifa_index = UInt32(index)
        var message = NetlinkMessage(type: type, flags: flags, header: header)
        message.put(AddressAttribute.local, bytes: address.bytes)
        // With it the kernel compares the prefix length too.
        message.put(AddressAttribute.address, bytes: (peer ?? address).bytes)
        return message
    }
}

/// An address, decoded from its message.
struct AddressRecord {
    var index: Int32
    var address: IPAddress
    var prefixLength: Int
    /// The far end of a point-to-point address.
    var peer: IPAddress?
    var flags: UInt32

    /// nil for a family that is neither IPv4 nor IPv6.
    init?(_ message: ReceivedMessage) throws {
        guard let header = message.header(ifaddrmsg.self) else { throw AttributeDecoder.DecodingError.malformed }
        guard [AddressFamily.ipv4, AddressFamily.ipv6].contains(header.ifa_family) else { return nil }
        index = Int32(bitPattern: header.ifa_index)
        prefixLength = Int(header.ifa_prefixlen)
        flags = UInt32(header.ifa_flags)
        var local: IPAddress?
        var other: IPAddress?
        var attributes = message.attributes(after: ifaddrmsg.self)
        while let type = attributes.next() {
            switch type {
            case AddressAttribute.local: local = IPAddress(bytes: attributes.payload)
            case AddressAttribute.address: other = IPAddress(bytes: attributes.payload)
            case AddressAttribute.flags: flags = attributes.integer(UInt32.self)
            default: break
            }
        }
        try attributes.check()
        // IPv6 has IFA_LOCAL only together with a far end.
        guard let address = local ?? other else { return nil }
        self.address = address
        // The kernel omits a far end of zero.
        let far = other ?? IPAddress(family: address.family, value: 0)
        peer = far == address ? nil : far
    }
}

extension NetlinkSocket {
    /// Every address of the namespace, sorted.
    func addresses(of links: LinkTable) throws -> [ObservedAddress] {
        let request = NetlinkMessage(type: MessageType.getAddress, header: ifaddrmsg())
        let found = try dump(request, "list addresses", into: [ObservedAddress]()) { addresses, message in
            guard message.type == MessageType.newAddress, let record = try AddressRecord(message),
                let link = links.links[record.index]
            else { return }
            addresses.append(
                ObservedAddress(
                    interface: link.name, address: record.address, prefixLength: record.prefixLength,
                    peer: record.peer, isDuplicate: record.flags & AddressAttribute.duplicateFound != 0))
        }
        return found.sorted(by: ObservedAddress.order)
    }
}

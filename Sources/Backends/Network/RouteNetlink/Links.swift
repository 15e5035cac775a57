internal import CLinux
internal import Glibc
internal import HostState
internal import NetAddress
internal import Netlink

/// A link, decoded from its message; the master is an index until every name is known.
struct LinkRecord {
    var link: ObservedLink
    var masterIndex: Int32?
    /// The other end of a veth, by its index.
    var peerIndex: Int32?
    /// The namespace of the other end, by its number here; nil for this one.
    var peerNamespace: Int32?

    init(_ message: ReceivedMessage) throws {
        guard let header = message.header(ifinfomsg.self) else { throw AttributeDecoder.DecodingError.malformed }
        link = ObservedLink(
            index: header.ifi_index, name: "", kind: "", mtu: 0, isUp: header.ifi_flags & UInt32(IFF_UP.rawValue) != 0)
        var attributes = message.attributes(after: ifinfomsg.self)
        while let type = attributes.next() {
            switch type {
            case LinkAttribute.name: link.name = attributes.string()
            case LinkAttribute.mtu: link.mtu = attributes.integer(UInt32.self)
            case LinkAttribute.address: link.macAddress = MACAddress(bytes: attributes.payload)
            case LinkAttribute.alias: link.alias = attributes.string()
            case LinkAttribute.master: masterIndex = attributes.integer(Int32.self)
            case LinkAttribute.link: peerIndex = attributes.integer(Int32.self)
            case LinkAttribute.linkNamespace: peerNamespace = attributes.integer(Int32.self)
            case LinkAttribute.info:
                var info = attributes.nested()
                while let type = info.next() {
                    if type == LinkAttribute.infoKind { link.kind = info.string() }
                }
                try info.check()
            default: break
            }
        }
        try attributes.check()
    }
}

/// Every link of the namespace, by index.
struct LinkTable {
    private(set) var links: [Int32: ObservedLink] = [:]
    /// Veths without a master whose other end is in another namespace: a container's, or a port that lost its bridge.
    private(set) var strays: [LinkRecord] = []

    var byName: [String: ObservedLink] {
        Dictionary(links.values.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    init(_ socket: NetlinkSocket) throws {
        var request = NetlinkMessage(type: MessageType.getLink, header: ifinfomsg())
        request.put(LinkAttribute.extensionMask, UInt32(RTEXT_FILTER_SKIP_STATS))
        let records = try socket.dump(request, "list links", into: [LinkRecord]()) { records, message in
            guard message.type == MessageType.newLink else { return }
            records.append(try LinkRecord(message))
        }
        let names = Dictionary(
            records.map { ($0.link.index, $0.link.name) }, uniquingKeysWith: { first, _ in first })
        for record in records {
            var link = record.link
            link.master = record.masterIndex.flatMap { names[$0] }
            links[link.index] = link
        }
        strays = records.filter { $0.link.kind == "veth" && $0.masterIndex == nil && $0.peerNamespace != nil }
    }
}

extension NetlinkSocket {
    /// One link; nil when there is none.
    func link(index: Int32) throws -> ObservedLink? {
        var header = ifinfomsg()
        header.ifi_index = index
        return try link(NetlinkMessage(type: MessageType.getLink, header: header), "link \(index)")
    }

    /// One link; nil when there is none.
    func link(named name: String) throws -> ObservedLink? {
        var request = NetlinkMessage(type: MessageType.getLink, header: ifinfomsg())
        request.put(LinkAttribute.name, string: name)
        return try link(request, "link \(name)")
    }

    private func link(_ request: NetlinkMessage, _ what: String) throws -> ObservedLink? {
        var request = request
        request.put(LinkAttribute.extensionMask, UInt32(RTEXT_FILTER_SKIP_STATS))
        do {
            let record = try get(request, "read \(what)") { try LinkRecord($0) }
            var link = record.link
            if let index = record.masterIndex { link.master = try self.link(index: index)?.name }
            return link
        } catch let error as NetlinkError where error.code == ENODEV {
            return nil
        }
    }
}

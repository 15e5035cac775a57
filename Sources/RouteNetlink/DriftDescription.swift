internal import CLinux
internal import HostState
internal import NetAddress
internal import Netlink
internal import Synchronization

/// Puts notifications into words, for which it follows the links' names.
final class LinkNames: Sendable {
    private let names: Mutex<[Int32: String]>

    init(_ links: LinkTable) { names = Mutex(links.links.mapValues(\.name)) }

    /// What a notification says; nil when it is of no concern.
    func describe(_ message: ReceivedMessage) throws -> String? {
        switch message.type {
        case MessageType.newLink, MessageType.deleteLink: try describeLink(message)
        case MessageType.newAddress, MessageType.deleteAddress: try describeAddress(message)
        case MessageType.newRoute, MessageType.deleteRoute: try describeRoute(message)
        case MessageType.newNetconf, MessageType.deleteNetconf: describeNetconf(message)
        default: nil
        }
    }

    private func describeLink(_ message: ReceivedMessage) throws -> String? {
        // A bridge tells about its ports in messages of its own family, deletions included.
        guard message.header(ifinfomsg.self)?.ifi_family != AddressFamily.bridge else { return nil }
        let link = try LinkRecord(message).link
        if message.type == MessageType.deleteLink {
            names.withLock { _ = $0.removeValue(forKey: link.index) }
            return "link \(link.name) deleted"
        }
        names.withLock { $0[link.index] = link.name }
        return link.isUp ? "link \(link.name) changed" : "link \(link.name) is down"
    }

    private func describeAddress(_ message: ReceivedMessage) throws -> String? {
        guard let record = try AddressRecord(message) else { return nil }
        let what = "address \(record.address)/\(record.prefixLength) of \(name(record.index))"
        return what + (message.type == MessageType.deleteAddress ? " deleted" : " added or changed")
    }

    private func describeRoute(_ message: ReceivedMessage) throws -> String? {
        guard let record = try RouteRecord(message), record.isOfMainTable else { return nil }
        let device = record.outputInterface.map { " of \(name($0))" } ?? ""
        let what = "route \(record.destination)\(device)"
        return what + (message.type == MessageType.deleteRoute ? " deleted" : " added or changed")
    }

    /// `struct netconfmsg` is one byte of family; the attribute `NETCONFA_IFINDEX` follows.
    private func describeNetconf(_ message: ReceivedMessage) -> String? {
        // A link that goes away takes its settings along, and says so itself.
        guard message.type == MessageType.newNetconf else { return nil }
        var attributes = AttributeDecoder(message.payload.dropFirst(4))
        while let type = attributes.next() {
            if type == UInt16(NETCONFA_IFINDEX) {
                let index = attributes.integer(Int32.self)
                // -1 is all, -2 is default (NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT).
                return "forwarding or proxy setting of \(index < 0 ? "all links" : name(index)) changed"
            }
        }
        return nil
    }

    private func name(_ index: Int32) -> String { names.withLock { $0[index] } ?? "link \(index)" }
}

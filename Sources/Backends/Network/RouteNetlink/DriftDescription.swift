internal import CLinux
internal import HostState
internal import NetAddress
internal import Netlink
internal import NetworkState
internal import Synchronization

/// A notification in words, with the object of ours that it concerns.
struct Notice {
    /// `route 10.0.0.20/32 of wg0 deleted`.
    var text: String
    /// Our object that changed; nil when it is foreign.
    var object: KernelObject?
    /// `rtm_protocol` of a foreign route in the place of ours.
    var routeProtocol: UInt8?
    /// Our route that was deleted from one of our links.
    var deletedRoute: ObservedRoute?
    /// The destination of a foreign route that is not in the place of ours on one of our links.
    var foreignDestination: CIDR?
}

/// Describes notifications in words, and follows the links' names and marks for that.
final class LinkNames: Sendable {
    private struct Known {
        var name: String
        var isOurs: Bool

        init(_ link: ObservedLink) {
            name = link.name
            isOurs = link.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false
        }
    }

    private let links: Mutex<[Int32: Known]>

    init(_ table: LinkTable) { links = Mutex(table.links.mapValues(Known.init)) }

    /// nil when it does not concern us.
    func notice(_ message: ReceivedMessage) throws -> Notice? {
        switch message.type {
        case MessageType.newLink, MessageType.deleteLink: try linkNotice(message)
        case MessageType.newAddress, MessageType.deleteAddress: try addressNotice(message)
        case MessageType.newRoute, MessageType.deleteRoute: try routeNotice(message)
        case MessageType.newRule, MessageType.deleteRule: try ruleNotice(message)
        case MessageType.newNetconf, MessageType.deleteNetconf: netconfNotice(message)
        default: nil
        }
    }

    private func linkNotice(_ message: ReceivedMessage) throws -> Notice? {
        // A bridge reports its ports in messages of its own family, deletions included.
        guard message.header(ifinfomsg.self)?.ifi_family != AddressFamily.bridge else { return nil }
        let link = try LinkRecord(message).link
        let known = Known(link)
        // A link that was renamed or lost its mark was ours before.
        let before = links.withLock { links in
            defer { links[link.index] = message.type == MessageType.deleteLink ? nil : known }
            return links[link.index]
        }
        let object = known.isOurs || before?.isOurs == true ? KernelObject.link(before?.name ?? link.name) : nil
        let what =
            if message.type == MessageType.deleteLink { "deleted" } else { link.isUp ? "changed" : "is down" }
        return Notice(text: "link \(link.name) \(what)", object: object)
    }

    private func addressNotice(_ message: ReceivedMessage) throws -> Notice? {
        // The kernel creates link-local addresses when links come up; no plan contains them.
        guard let record = try AddressRecord(message), !record.address.isIPv6LinkLocal else { return nil }
        let name = name(record.index)
        let what = message.type == MessageType.deleteAddress ? "deleted" : "added or changed"
        return Notice(
            text: "address \(record.address)/\(record.prefixLength) of \(name) \(what)",
            object: isOurs(record.index) ? .address(record.address, interface: name) : nil)
    }

    private func routeNotice(_ message: ReceivedMessage) throws -> Notice? {
        guard let record = try RouteRecord(message), record.isOfMainTable, !record.destination.address.isIPv6LinkLocal
        else { return nil }
        let device = record.outputInterface.map { " of \(name($0))" } ?? ""
        let what = message.type == MessageType.deleteRoute ? "deleted" : "added or changed"
        var notice = Notice(text: "route \(record.destination)\(device) \(what)")
        let isMarked = record.header.rtm_protocol == OwnershipMark.routeProtocol
        let route = ObservedRoute(record, interface: record.outputInterface.map(name))
        // A route of another metric or type of service exists beside ours, so creating it undoes nothing.
        if isMarked || route.isInOurPlace && record.outputInterface.map(isOurs) ?? false {
            notice.object = .route(record.destination)
        } else {
            notice.foreignDestination = record.destination
        }
        if isMarked, message.type == MessageType.deleteRoute, record.outputInterface.map(isOurs) ?? false {
            notice.deletedRoute = route
        }
        if !isMarked, notice.object != nil, message.type == MessageType.newRoute {
            notice.routeProtocol = record.header.rtm_protocol
        }
        return notice
    }

    private func ruleNotice(_ message: ReceivedMessage) throws -> Notice? {
        let what = message.type == MessageType.deleteRule ? "deleted" : "added"
        return Notice(text: "routing rule \(try RuleRecord(message).priority) \(what)")
    }

    /// `struct netconfmsg` is one byte of family; the attribute `NETCONFA_IFINDEX` follows.
    private func netconfNotice(_ message: ReceivedMessage) -> Notice? {
        // The settings of a deleted link go with it, and the deletion has its own notification.
        guard message.type == MessageType.newNetconf else { return nil }
        var attributes = AttributeDecoder(message.payload.dropFirst(4))
        while let type = attributes.next() {
            if type == UInt16(NETCONFA_IFINDEX) {
                let index = attributes.integer(Int32.self)
                // -1 is all, -2 is default (NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT).
                return Notice(text: "forwarding or proxy setting of \(index < 0 ? "all links" : name(index)) changed")
            }
        }
        return nil
    }

    private func name(_ index: Int32) -> String { links.withLock { $0[index]?.name } ?? "link \(index)" }

    private func isOurs(_ index: Int32) -> Bool { links.withLock { $0[index]?.isOurs } ?? false }
}

extension IPAddress {
    /// fe80::/10 (RFC 4291).
    fileprivate var isIPv6LinkLocal: Bool { family == .v6 && isLinkLocal }
}

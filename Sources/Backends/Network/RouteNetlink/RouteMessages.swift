internal import CLinux
internal import HostState
internal import NetAddress
internal import Netlink

/// Requests that create, replace and delete routes of the main table.
enum RouteMessages {
    static func add(_ route: DesiredRoute, index: Int32) -> NetlinkMessage {
        message(route, index: index, flags: RequestFlags.create)
    }

    /// Replaces the route with the same destination and metric by `route`, without a gap.
    static func replace(_ route: DesiredRoute, index: Int32) -> NetlinkMessage {
        message(route, index: index, flags: RequestFlags.createOrReplace)
    }

    private static func message(_ route: DesiredRoute, index: Int32, flags: UInt16) -> NetlinkMessage {
        var header = header(route.destination)
        header.rtm_protocol = OwnershipMark.routeProtocol
        header.rtm_type = RouteAttribute.unicast
        // IPv6 routes have no scope.
        header.rtm_scope = route.destination.family == .v4 ? RouteAttribute.scopeLink : RouteAttribute.scopeUniverse
        var message = NetlinkMessage(type: MessageType.newRoute, flags: flags, header: header)
        message.put(RouteAttribute.destination, bytes: route.destination.address.bytes)
        message.put(RouteAttribute.outputInterface, index)
        if let source = route.preferredSource { message.put(RouteAttribute.preferredSource, bytes: source.bytes) }
        if let mtu = route.mtu {
            message.nest(RouteAttribute.metrics, marked: false) { $0.put(RouteAttribute.metricMTU, mtu) }
        }
        return message
    }

    /// - Parameter index: nil for a route without one device.
    static func delete(_ route: ObservedRoute, index: Int32?) -> NetlinkMessage {
        var header = header(route.destination)
        header.rtm_protocol = route.protocolNumber
        header.rtm_scope = RouteAttribute.scopeNowhere
        header.rtm_tos = route.typeOfService ?? 0
        var message = NetlinkMessage(type: MessageType.deleteRoute, header: header)
        message.put(RouteAttribute.destination, bytes: route.destination.address.bytes)
        if let index { message.put(RouteAttribute.outputInterface, index) }
        if let gateway = route.gateway, gateway.family == route.destination.family {
            message.put(RouteAttribute.gateway, bytes: gateway.bytes)
        }
        if route.metric != 0 { message.put(RouteAttribute.priority, route.metric) }
        return message
    }

    static func header(_ destination: CIDR) -> rtmsg {
        var header = rtmsg()
        header.rtm_family = destination.address.netlinkFamily
        header.rtm_dst_len = UInt8(destination.prefixLength)
        header.rtm_table = RouteAttribute.mainTable
        return header
    }
}

internal import CLinux
internal import Glibc
internal import HostState
internal import NetAddress
internal import Netlink

/// A route, decoded from its message.
struct RouteRecord {
    var header: rtmsg
    var table: UInt32
    var destination: CIDR
    var outputInterface: Int32?
    var gateway: IPAddress?
    var preferredSource: IPAddress?
    var mtu: UInt32?
    var metric: UInt32 = 0
    /// Whether it expires, as a path MTU that the kernel has learned does.
    var expires = false

    /// nil for a family that is neither IPv4 nor IPv6.
    init?(_ message: ReceivedMessage) throws {
        guard let header = message.header(rtmsg.self) else { throw AttributeDecoder.DecodingError.malformed }
        let isIPv6 = header.rtm_family == AddressFamily.ipv6
        guard isIPv6 || header.rtm_family == AddressFamily.ipv4 else { return nil }
        self.header = header
        table = UInt32(header.rtm_table)
        // A default route names no destination.
        var address = IPAddress(family: isIPv6 ? .v6 : .v4, value: 0)
        var attributes = message.attributes(after: rtmsg.self)
        while let type = attributes.next() {
            switch type {
            case RouteAttribute.destination: address = IPAddress(bytes: attributes.payload) ?? address
            case RouteAttribute.outputInterface: outputInterface = attributes.integer(Int32.self)
            case RouteAttribute.gateway: gateway = IPAddress(bytes: attributes.payload)
            // struct rtvia: two bytes of family, then an address of another family than the destination's.
            case RouteAttribute.via: gateway = IPAddress(bytes: attributes.payload.dropFirst(2))
            case RouteAttribute.preferredSource: preferredSource = IPAddress(bytes: attributes.payload)
            case RouteAttribute.priority: metric = attributes.integer(UInt32.self)
            // rta_expires of struct rta_cacheinfo.
            case RouteAttribute.cacheInfo: expires = attributes.payload.dropFirst(8).prefix(4).contains { $0 != 0 }
            case RouteAttribute.table: table = attributes.integer(UInt32.self)
            case RouteAttribute.metrics:
                var metrics = attributes.nested()
                while let type = metrics.next() {
                    if type == RouteAttribute.metricMTU { mtu = metrics.integer(UInt32.self) }
                }
                try metrics.check()
            default: break
            }
        }
        try attributes.check()
        guard Int(header.rtm_dst_len) <= address.family.bitWidth else { throw AttributeDecoder.DecodingError.malformed }
        destination = CIDR(containing: address, prefixLength: Int(header.rtm_dst_len))
    }

    /// Whether it is in the main table, for packets to other hosts, and not derived from another route.
    var isOfMainTable: Bool {
        table == UInt32(RouteAttribute.mainTable) && header.rtm_flags & RouteAttribute.cloned == 0
            && header.rtm_type != RouteAttribute.local
    }
}

extension NetlinkSocket {
    /// The main table's routes that are ours, and any other on one of `destinations`, sorted.
    func routes(of links: LinkTable, destinations: Set<CIDR>) throws -> [ObservedRoute] {
        var routes: [ObservedRoute] = []
        for family in [AddressFamily.ipv4, AddressFamily.ipv6] {
            var header = rtmsg()
            header.rtm_family = family
            header.rtm_table = RouteAttribute.mainTable
            // The kernel filters by protocol, so a full Internet table costs nothing when no foreign route is needed.
            if destinations.isEmpty { header.rtm_protocol = OwnershipMark.routeProtocol }
            let request = NetlinkMessage(type: MessageType.getRoute, header: header)
            do {
                routes += try dump(request, "list routes", into: [ObservedRoute]()) { routes, message in
                    guard message.type == MessageType.newRoute, let record = try RouteRecord(message),
                        record.isOfMainTable,
                        record.header.rtm_protocol == OwnershipMark.routeProtocol
                            || destinations.contains(record.destination)
                    else { return }
                    let interface = record.outputInterface.flatMap { links.links[$0]?.name }
                    routes.append(ObservedRoute(record, interface: interface))
                }
            } catch let error as NetlinkError where [ENOENT, EAFNOSUPPORT, EOPNOTSUPP].contains(error.code) {
                // A namespace without a route of the family has no main table for it; a kernel may lack IPv6.
                continue
            }
        }
        return routes.sorted {
            ($0.destination, $0.metric, $0.typeOfService ?? 0, $0.protocolNumber, $0.interface ?? "")
                < ($1.destination, $1.metric, $1.typeOfService ?? 0, $1.protocolNumber, $1.interface ?? "")
        }
    }
}

extension ObservedRoute {
    init(_ record: RouteRecord, interface: String?) {
        self.init(
            destination: record.destination, interface: interface, gateway: record.gateway,
            preferredSource: record.preferredSource, mtu: record.mtu, protocolNumber: record.header.rtm_protocol,
            metric: record.metric, typeOfService: record.header.rtm_tos == 0 ? nil : record.header.rtm_tos)
    }

    /// Whether this equals `desired`, protocol included.
    func isWhat(_ desired: DesiredRoute) -> Bool {
        destination == desired.destination && interface == desired.interface && gateway == nil
            && preferredSource == desired.preferredSource && mtu == desired.mtu
            && protocolNumber == OwnershipMark.routeProtocol && typeOfService == nil
            && metric == RouteAttribute.defaultMetric(isIPv6: destination.family == .v6)
    }
}

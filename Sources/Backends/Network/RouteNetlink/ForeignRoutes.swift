internal import CLinux
internal import Glibc
public import HostState
public import NetAddress
internal import Netlink

extension RouteNetlinkClient {
    /// Foreign routes and addresses of this host that overlap our prefixes, and the overlays that have links here.
    public struct Occupancy: Hashable, Sendable {
        /// Sorted, each once.
        public var foreign: [ForeignRoute]
        /// The overlays that links are marked with.
        public var standing: Set<String>
        /// Changes with the foreign routes of the main table and the links that they lead to, because paths of the
        /// underlay may change with them. Comparable within one process only.
        public var underlay: Int

        public init(foreign: [ForeignRoute] = [], standing: Set<String> = [], underlay: Int = 0) {
            self.foreign = foreign
            self.standing = standing
            self.underlay = underlay
        }
    }

    /// Routes of the main table and addresses that overlap `prefixes` and are neither ours nor on links of ours.
    ///
    /// Default routes are ignored, and so are the halves and the 2000::/3 that replace them.
    /// - Parameter links: names of our links without a mark: netavark recreates the bridge when Podman starts a
    ///   container before we do.
    /// - Throws: `RouteNetlinkError`.
    public func occupancy(overlapping prefixes: [CIDR], besides links: Set<String> = []) throws -> Occupancy {
        do {
            let table = try LinkTable(socket)
            let marks = table.links.values.compactMap { link in
                OwnershipMark.overlay(ofAlias: link.alias ?? "").map { (link.name, $0) }
            }
            let ours = links.union(marks.map(\.0))
            let isOurs = { (name: String?) in name.map(ours.contains) ?? false }
            var found = Set<ForeignRoute>()
            for address in try socket.addresses(of: table) where !isOurs(address.interface) {
                let prefix = CIDR(containing: address.address, prefixLength: address.prefixLength)
                found.insert(ForeignRoute(.address, prefix, interface: address.interface))
            }
            let routes = try prefixes.isEmpty ? [] : socket.foreignRoutes()
            for record in routes where !record.isDefault {
                let name = record.outputInterface.flatMap { table.links[$0]?.name }
                // An address and its connected route count once.
                guard !isOurs(name), !found.contains(ForeignRoute(.address, record.destination, interface: name))
                else { continue }
                found.insert(ForeignRoute(.route, record.destination, interface: name))
            }
            let overlapping = found.filter { item in prefixes.contains { $0.overlaps(item.destination) } }
            var hasher = Hasher()
            for route in routes {
                let link = route.outputInterface.flatMap { table.links[$0] }
                if !isOurs(link?.name) { route.hashPath(over: link, into: &hasher) }
            }
            return Occupancy(
                foreign: overlapping.sorted(), standing: Set(marks.map(\.1)), underlay: hasher.finalize())
        } catch {
            throw RouteNetlinkError(error, "look for what overlaps an overlay")
        }
    }
}

extension NetlinkSocket {
    /// The main table without our routes.
    fileprivate func foreignRoutes() throws -> [RouteRecord] {
        var routes: [RouteRecord] = []
        for family in [AddressFamily.ipv4, AddressFamily.ipv6] {
            var header = rtmsg()
            header.rtm_family = family
            header.rtm_table = RouteAttribute.mainTable
            let request = NetlinkMessage(type: MessageType.getRoute, header: header)
            do {
                routes += try dump(request, "list routes", into: [RouteRecord]()) { routes, message in
                    guard message.type == MessageType.newRoute, let record = try RouteRecord(message),
                        record.isOfMainTable, record.header.rtm_protocol != OwnershipMark.routeProtocol
                    else { return }
                    routes.append(record)
                }
            } catch let error as NetlinkError where [ENOENT, EAFNOSUPPORT, EOPNOTSUPP].contains(error.code) {
                // A namespace without a route of the family has no main table for it; a kernel may lack IPv6.
                continue
            }
        }
        return routes
    }
}

extension RouteRecord {
    /// A default route, or a half of it, or the 2000::/3 that replaces it.
    fileprivate var isDefault: Bool { destination.prefixLength <= (destination.family == .v4 ? 1 : 3) }

    /// What decides where packets go, and how large they may be. Every link has link-local routes, which carry no
    /// tunnel.
    fileprivate func hashPath(over link: ObservedLink?, into hasher: inout Hasher) {
        if destination.address.isLinkLocal { return }
        hasher.combine(destination)
        hasher.combine(outputInterface)
        hasher.combine(link?.mtu)
        hasher.combine(gateway)
        hasher.combine(mtu)
        hasher.combine(metric)
        hasher.combine(header.rtm_type)
    }
}

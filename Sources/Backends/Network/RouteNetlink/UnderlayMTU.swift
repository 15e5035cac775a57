internal import CLinux
internal import Glibc
internal import HostState
public import NetAddress
internal import Netlink

extension RouteNetlinkClient {
    /// The MTU on the way to each of `addresses`: that of the route, else of its interface.
    ///
    /// Addresses of this host, addresses without a route, and routes that lead into a link of ours are absent. What the
    /// kernel has learned of a path from ICMP is ignored: it expires after minutes and is learned again.
    /// - Returns: bytes, by address.
    /// - Throws: `RouteNetlinkError`.
    public func pathMTUs(to addresses: some Sequence<IPAddress>) throws -> [IPAddress: UInt32] {
        do {
            let links = try LinkTable(socket).links
            var found: [IPAddress: UInt32] = [:]
            for address in addresses { found[address] = try pathMTU(to: address, links: links) }
            return found
        } catch {
            throw RouteNetlinkError(error, "look up the underlay's MTU")
        }
    }

    private func pathMTU(to address: IPAddress, links: [Int32: ObservedLink]) throws -> UInt32? {
        guard let route = try route(to: address), route.header.rtm_type == RouteAttribute.unicast,
            let link = route.outputInterface.flatMap({ links[$0] }),
            link.alias?.hasPrefix(OwnershipMark.aliasPrefix) != true
        else { return nil }
        let entry = route.expires ? try self.route(to: address, flags: RouteAttribute.tableEntry) : route
        return min(entry?.mtu ?? link.mtu, link.mtu)
    }

    /// The kernel's own choice, policy rules included; nil without one.
    private func route(to address: IPAddress, flags: UInt32 = 0) throws -> RouteRecord? {
        var header = RouteMessages.header(address.hostCIDR)
        header.rtm_table = 0
        header.rtm_flags = flags
        var request = NetlinkMessage(type: MessageType.getRoute, header: header)
        request.put(RouteAttribute.destination, bytes: address.bytes)
        do {
            return try socket.get(request, "look up the route to \(address)") { try RouteRecord($0) }
        } catch let error as NetlinkError where [ENETUNREACH, EHOSTUNREACH, EINVAL, EACCES].contains(error.code) {
            // A blackhole route gives EINVAL, a prohibit route EACCES.
            return nil
        }
    }
}

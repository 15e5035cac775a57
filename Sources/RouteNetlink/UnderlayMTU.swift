internal import CLinux
internal import Glibc
internal import HostState
public import NetAddress
internal import Netlink

extension RouteNetlinkBackend {
    /// The smallest MTU on the way to any of `addresses`: that of the route, else of its interface.
    ///
    /// Addresses of this host, addresses without a route, and routes that lead into a link of ours do not count.
    /// - Returns: bytes; 1500 when nothing counts.
    /// - Throws: `RouteNetlinkError`.
    public func underlayMTU(to addresses: [IPAddress]) throws -> UInt32 {
        do {
            let found = try Set(addresses).compactMap { try underlayMTU(to: $0) }
            return found.min() ?? 1500
        } catch {
            throw RouteNetlinkError(error, "look up the underlay's MTU")
        }
    }

    private func underlayMTU(to address: IPAddress) throws -> UInt32? {
        var header = RouteMessages.header(address.hostCIDR)
        header.rtm_table = 0
        var request = NetlinkMessage(type: MessageType.getRoute, header: header)
        request.put(RouteAttribute.destination, bytes: address.bytes)
        let route: RouteRecord?
        do {
            route = try socket.get(request, "look up the route to \(address)") { try RouteRecord($0) }
        } catch let error as NetlinkError where [ENETUNREACH, EHOSTUNREACH, EINVAL, EACCES].contains(error.code) {
            // EINVAL is a blackhole's answer, EACCES a prohibition's.
            return nil
        }
        guard let route, route.header.rtm_type == RouteAttribute.unicast, let index = route.outputInterface,
            let link = try socket.link(index: index), link.alias?.hasPrefix(OwnershipMark.aliasPrefix) != true
        else { return nil }
        return min(route.mtu ?? link.mtu, link.mtu)
    }
}

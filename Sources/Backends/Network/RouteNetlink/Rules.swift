internal import CLinux
internal import Glibc
internal import HostState
internal import NetAddress
internal import Netlink

/// A routing rule (ip-rule(8)), decoded from its message.
struct RuleRecord: Hashable {
    var priority: UInt32 = 0
    var table: UInt32

    /// - Throws: `AttributeDecoder.DecodingError`.
    init(_ message: ReceivedMessage) throws {
        guard let header = message.header(fib_rule_hdr.self) else { throw AttributeDecoder.DecodingError.malformed }
        table = UInt32(header.table)
        var attributes = message.attributes(after: fib_rule_hdr.self)
        while let type = attributes.next() {
            switch type {
            case RuleAttribute.priority: priority = attributes.integer(UInt32.self)
            case RuleAttribute.table: table = attributes.integer(UInt32.self)
            default: break
            }
        }
        try attributes.check()
    }

    /// The rules that every new namespace has: local, main, default (fib_default_rules_init in
    /// net/ipv4/fib_rules.c, fib6_rules_net_init in net/ipv6/fib6_rules.c).
    static let usual: Set<[UInt32]> = [[0, 255], [32766, 254], [32767, 253]]
}

extension NetlinkSocket {
    /// How many destinations of each family are looked up: rules are about whole subnets.
    private static let samples = 8

    /// The destinations of our routes that the kernel's route lookup sends elsewhere, sorted; empty, without a lookup,
    /// when there are only the usual rules.
    ///
    /// - Parameter routes: sorted.
    func shadows(of routes: [ObservedRoute], _ links: LinkTable) throws -> [ObservedShadow] {
        var shadows: [ObservedShadow] = []
        for family in [IPAddress.Family.v4, .v6] {
            let ours = routes.lazy.filter {
                $0.destination.family == family && $0.destination.isHost
                    && $0.protocolNumber == OwnershipMark.routeProtocol
            }.prefix(NetlinkSocket.samples)
            guard !ours.isEmpty, try hasUnusualRules(family) else { continue }
            for route in ours {
                guard let interface = route.interface else { continue }
                let way = try way(to: route.destination.address, links)
                if way?.interface == interface { continue }
                shadows.append(ObservedShadow(destination: route.destination, interface: interface, instead: way))
            }
        }
        return shadows
    }

    private func hasUnusualRules(_ family: IPAddress.Family) throws -> Bool {
        var header = fib_rule_hdr()
        header.family = family == .v4 ? AddressFamily.ipv4 : AddressFamily.ipv6
        let request = NetlinkMessage(type: MessageType.getRule, header: header)
        let rules: Set<RuleRecord>
        do {
            rules = try dump(request, "list routing rules", into: Set<RuleRecord>()) { rules, message in
                if message.type == MessageType.newRule { rules.insert(try RuleRecord(message)) }
            }
        } catch let error as NetlinkError where [EAFNOSUPPORT, EOPNOTSUPP].contains(error.code) {
            // A kernel without rules (CONFIG_IP_MULTIPLE_TABLES) has one table, and nothing hides it.
            return false
        }
        let found = Set(rules.map { [$0.priority, $0.table] })
        // The rule for the default table is IPv4's alone, and its absence changes nothing.
        return found != RuleRecord.usual && found != RuleRecord.usual.subtracting([[32767, 253]])
    }

    /// Where the kernel would send a packet of this host; nil when it would drop it.
    private func way(to address: IPAddress, _ links: LinkTable) throws -> ObservedShadow.Way? {
        var header = RouteMessages.header(address.hostCIDR)
        header.rtm_table = 0
        // Without the flag IPv4 always reports the main table; IPv6 reports the right one and refuses the flag.
        if address.family == .v4 { header.rtm_flags = UInt32(RTM_F_LOOKUP_TABLE) }
        var request = NetlinkMessage(type: MessageType.getRoute, header: header)
        request.put(RouteAttribute.destination, bytes: address.bytes)
        do {
            let route = try get(request, "look up the route to \(address)") { try RouteRecord($0) }
            guard let route, ![RTN_BLACKHOLE, RTN_UNREACHABLE, RTN_PROHIBIT].contains(Int(route.header.rtm_type)) else {
                return nil
            }
            return ObservedShadow.Way(
                interface: route.outputInterface.flatMap { links.links[$0]?.name }, table: route.table)
        } catch let error as NetlinkError where [ENETUNREACH, EHOSTUNREACH, EINVAL, EACCES].contains(error.code) {
            // A blackhole route gives EINVAL, a prohibit route EACCES.
            return nil
        }
    }
}

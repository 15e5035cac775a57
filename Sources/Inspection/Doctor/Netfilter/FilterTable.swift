internal import NetAddress

/// A table of netfilter rules of any program, as far as it decides about packets.
struct FilterTable: Hashable {
    enum Family: String { case ip, ip6, inet }

    enum Hook: String { case prerouting, input, forward, output }

    struct Chain: Hashable {
        /// nil for a chain that only other chains jump to.
        var hook: Hook?
        var priority = 0
        var dropsByPolicy = false
        var rules: [Rule] = []
    }

    struct Rule: Hashable {
        var conditions: [RuleCondition]
        var action: Action
    }

    enum Action: Hashable {
        case accept, drop, leave
        case jump(String), goTo(String)
        /// Keeps packets out of connection tracking, or moves them to another zone.
        case untrack
        /// Counts, logs, marks: the next rule follows.
        case pass
    }

    var family: Family
    var name: String
    /// `iptables-nft`, `ip6tables-legacy`; nil for nftables' own.
    var program: String?
    var chains: [String: Chain] = [:]

    /// `table inet filter`, `iptables-legacy table filter`.
    var title: String { program.map { "\($0) table \(name)" } ?? "table \(family.rawValue) \(name)" }

    func carries(_ family: IPAddress.Family) -> Bool {
        switch self.family {
        case .inet: true
        case .ip: family == .v4
        case .ip6: family == .v6
        }
    }
}

/// A condition of a rule; all conditions of a rule must match.
enum RuleCondition: Hashable {
    case family(IPAddress.Family)
    /// Shell patterns as nftables and iptables have them: `wg*`, `wg+`.
    case input([String], isNegated: Bool)
    case output([String], isNegated: Bool)
    case source([CIDR], isNegated: Bool)
    case destination([CIDR], isNegated: Bool)
    /// `udp`, `icmp`, `ipv6-icmp`.
    case transport([String], isNegated: Bool)
    case port([ClosedRange<Int>], isNegated: Bool)
    /// What the destination is to this host: `local`, `broadcast`.
    case destinationType([String], isNegated: Bool)
    /// The connection's state: `new`, `established`; `dnat`.
    case state([String], isNegated: Bool)
    /// A condition that cannot be evaluated here.
    case unknown
}

/// The first packet of a flow: nil is "any".
struct Packet: Hashable {
    var hook: FilterTable.Hook
    var family: IPAddress.Family
    var input: String?
    var output: String?
    var source: CIDR?
    var destination: CIDR?
    var transport: String
    /// Destination port; nil where the transport has none.
    var port: Int?
}

enum Truth { case yes, no, maybe }

extension RuleCondition {
    func holds(for packet: Packet) -> Truth {
        switch self {
        case .family(let family): family == packet.family ? .yes : .no
        case .input(let names, let isNegated): Self.interface(packet.input, names).negated(isNegated)
        case .output(let names, let isNegated): Self.interface(packet.output, names).negated(isNegated)
        case .source(let ranges, let isNegated): Self.address(packet.source, ranges).negated(isNegated)
        case .destination(let ranges, let isNegated): Self.address(packet.destination, ranges).negated(isNegated)
        case .transport(let names, let isNegated):
            (names.contains(packet.transport) ? Truth.yes : .no).negated(isNegated)
        case .port(let ranges, let isNegated):
            // A rule about ports implies a transport with ports.
            packet.port.map { port in ranges.contains { $0.contains(port) } ? Truth.yes : .no }?.negated(isNegated)
                ?? .no
        case .destinationType(let types, let isNegated):
            // Every flow that is checked goes to a single host: to this one in input, to another one in the other
            // hooks.
            packet.hook == .prerouting
                ? .maybe
                : (types.contains(packet.hook == .input ? "local" : "unicast") ? Truth.yes : .no).negated(isNegated)
        case .state(let states, let isNegated):
            (states.contains("new") || states.contains("untracked") ? Truth.yes : .no).negated(isNegated)
        case .unknown: .maybe
        }
    }

    private static func interface(_ name: String?, _ patterns: [String]) -> Truth {
        guard let name else { return patterns == ["lo"] ? .no : .maybe }
        return patterns.contains { Glob.matches($0, name) } ? .yes : .no
    }

    private static func address(_ packet: CIDR?, _ ranges: [CIDR]) -> Truth {
        guard let packet else { return ranges.contains { $0.prefixLength == 0 } ? .yes : .maybe }
        let sameFamily = ranges.filter { $0.family == packet.family }
        if sameFamily.contains(where: { $0.contains(packet) }) { return .yes }
        return sameFamily.contains { $0.overlaps(packet) } ? .maybe : .no
    }
}

extension Truth {
    func negated(_ isNegated: Bool) -> Truth {
        switch self {
        case .yes: isNegated ? .no : .yes
        case .no: isNegated ? .yes : .no
        case .maybe: .maybe
        }
    }
}

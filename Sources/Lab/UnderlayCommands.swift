internal import NetAddress

/// What to do in one network namespace, in the words of the programs that do it.
public struct NamespaceSetup: Hashable, Sendable {
    /// The namespace's file name in the lab's folder. A dot keeps it apart from the nodes' names.
    public let name: String
    /// Paths below /proc/sys and their values, written before the links are made.
    public let sysctls: [String: String]
    /// The lines of `ip -batch`.
    public var ip: [String]
    /// The input of `nft -f`; nil: none.
    public let nft: String?
}

extension Underlay {
    public static let routerName = "underlay.router"

    /// The namespaces in the order in which they are set up: a veth is made from the router's end.
    ///
    /// - Parameter path: The file of a namespace, from its name.
    public func namespaces(path: (String) -> String) -> [NamespaceSetup] {
        var router = router
        let all = hosts.indices.map { setup(ofHostAt: $0, path: path) }
        router.ip += all.flatMap(\.router)
        return [router] + all.compactMap(\.natRouter) + all.map(\.end)
    }

    /// The router before it has ports.
    var router: NamespaceSetup {
        NamespaceSetup(name: Self.routerName, sysctls: Self.routerSysctls, ip: ["link set lo up"], nft: nil)
    }

    /// What one host needs.
    struct HostSetup {
        /// The lines of `ip -batch` in the router's namespace.
        var router: [String]
        /// nil for a host that is not behind NAT.
        var natRouter: NamespaceSetup?
        var end: NamespaceSetup
    }

    /// The router's port of a host.
    static func port(ofHostAt index: Int) -> String { "h\(index + 1)" }

    func setup(ofHostAt index: Int, path: (String) -> String) -> HostSetup {
        let host = hosts[index]
        let port = Self.port(ofHostAt: index)
        let nat = Self.natRouterName(of: host.name)
        let peer = host.isBehindNAT ? (name: "up0", namespace: nat) : (name: "eth0", namespace: host.name)
        let router =
            Self.veth(port, alias: host.name, peer: peer.name, namespace: path(peer.namespace), gateway: .outer)
            + (host.isBehindNAT ? host.routerAddresses : host.addresses).map {
                "route add \($0.hostCIDR) dev \(port)"
            }
        let end = NamespaceSetup(
            name: host.name, sysctls: Self.hostSysctls,
            ip: ["link set lo up"]
                + Self.leaf("eth0", addresses: host.addresses, gateway: host.isBehindNAT ? .inner : .outer),
            nft: nil)
        guard host.isBehindNAT else { return HostSetup(router: router, end: end) }
        let ip =
            ["link set lo up"]
            + Self.leaf("up0", addresses: host.routerAddresses, gateway: .outer)
            + Self.veth("in0", alias: host.name, peer: "eth0", namespace: path(host.name), gateway: .inner)
            + host.addresses.map { "route add \($0.hostCIDR) dev in0" }
        return HostSetup(
            router: router,
            natRouter: NamespaceSetup(name: nat, sysctls: Self.routerSysctls, ip: ip, nft: Self.masquerade), end: end)
    }

    static func natRouterName(of host: String) -> String { "\(host).nat" }

    /// A gateway on each link, known by the same link-local addresses everywhere.
    private enum Gateway {
        /// The router in the middle.
        case outer
        /// A masquerading router, whose own next hop already has the outer addresses.
        case inner

        var v4: String { self == .outer ? "169.254.1.1" : "169.254.2.1" }
        var v6: String { self == .outer ? "fe80::1" : "fe80::2" }
    }

    private static func veth(
        _ name: String, alias: String, peer: String, namespace: String, gateway: Gateway
    ) -> [String] {
        [
            "link add \(name) mtu 1500 type veth peer name \(peer) mtu 1500 netns \(namespace)",
            "link set \(name) alias \(alias)",
            "link set \(name) up",
            "address add \(gateway.v4)/32 dev \(name)",
            "address add \(gateway.v6)/64 dev \(name) nodad",
        ]
    }

    private static func leaf(_ name: String, addresses: [IPAddress], gateway: Gateway) -> [String] {
        ["link set \(name) up"]
            + addresses.map { "address add \($0.hostCIDR) dev \(name)\($0.family == .v6 ? " nodad" : "")" }
            + [
                "route add default via \(gateway.v4) dev \(name) onlink",
                "route add default via \(gateway.v6) dev \(name)",
            ]
    }

    private static let routerSysctls = [
        "net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1", "net/ipv4/conf/all/rp_filter": "0",
        "net/ipv4/conf/default/rp_filter": "0",
    ]

    /// A new namespace inherits the machine's IPv4 settings; a lab host begins with the kernel's own.
    private static let hostSysctls = [
        "net/ipv4/ip_forward": "0", "net/ipv4/conf/all/rp_filter": "0", "net/ipv4/conf/default/rp_filter": "0",
    ]

    private static let masquerade = """
        table inet nat {
          chain postrouting { type nat hook postrouting priority srcnat; oifname "up0" masquerade; }
          chain forward {
            type filter hook forward priority filter; policy drop;
            iifname "in0" accept
            ct state established,related accept
          }
        }

        """
}

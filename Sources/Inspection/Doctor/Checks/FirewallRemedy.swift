internal import NetAddress

/// The commands that let packets pass, for the program that manages the rules.
struct FirewallRemedy {
    let barrier: PacketWalk.Barrier
    let host: HostInspection

    private enum Keeper { case firewalld, ufw, docker, iptables, nftables }

    private var keeper: Keeper {
        let table = barrier.table
        if table.name == "firewalld" { return .firewalld }
        // Without the output of iptables-save, its table looks like one of nftables.
        let isIptables = table.program != nil || (table.name == "filter" && barrier.chain == barrier.chain.uppercased())
        guard isIptables else { return .nftables }
        if table.chains["ufw-before-input"] != nil || host.firewall.isUfwEnabled { return .ufw }
        return table.chains["DOCKER-USER"] != nil && barrier.chain == "FORWARD" ? .docker : .iptables
    }

    /// `iptables-legacy`, or the distribution's `iptables`.
    private var iptables: String {
        barrier.table.program ?? (barrier.table.family == .ip6 ? "ip6tables" : "iptables")
    }

    private var nftChain: String {
        "\(barrier.table.family.rawValue) \(barrier.table.name) \(barrier.chain)"
    }

    private var keepIptables: String { "and netfilter-persistent save (package iptables-persistent), to keep it" }

    private var keepNft: String { "and the same into the chain in /etc/nftables.conf, so that a reload keeps it" }

    func forward(_ tunnel: ExpectedHost.Tunnel) -> [String] {
        let (bridge, wireguard) = (tunnel.names.bridge, tunnel.names.wireguard)
        switch keeper {
        case .firewalld: return trust([wireguard, bridge])
        case .ufw:
            return [
                "ufw route allow in on \(bridge) out on \(wireguard)",
                "ufw route allow in on \(wireguard) out on \(bridge)",
            ]
        case .docker, .iptables:
            let chain = keeper == .docker ? "DOCKER-USER" : barrier.chain
            return [
                "\(iptables) -I \(chain) -i \(bridge) -o \(wireguard) -j ACCEPT",
                "\(iptables) -I \(chain) -i \(wireguard) -o \(bridge) -j ACCEPT", keepIptables,
            ]
        case .nftables:
            let both = "{ \"\(wireguard)\", \"\(bridge)\" }"
            return ["nft 'insert rule \(nftChain) iifname \(both) oifname \(both) accept'", keepNft]
        }
    }

    func input(interface: String) -> [String] {
        switch keeper {
        case .firewalld: trust([interface])
        case .ufw: ["ufw allow in on \(interface)"]
        case .docker, .iptables: ["\(iptables) -I \(barrier.chain) -i \(interface) -j ACCEPT", keepIptables]
        case .nftables: ["nft 'insert rule \(nftChain) iifname \"\(interface)\" accept'", keepNft]
        }
    }

    func port(_ port: UInt16, isInput: Bool) -> [String] {
        switch keeper {
        case .firewalld: ["firewall-cmd --permanent --add-port=\(port)/udp", "firewall-cmd --reload"]
        case .ufw: [isInput ? "ufw allow \(port)/udp" : "ufw allow out \(port)/udp"]
        case .docker, .iptables: ["\(iptables) -I \(barrier.chain) -p udp --dport \(port) -j ACCEPT", keepIptables]
        case .nftables: ["nft 'insert rule \(nftChain) udp dport \(port) accept'", keepNft]
        }
    }

    private func trust(_ interfaces: [String]) -> [String] {
        let options = interfaces.map { "--add-interface=\($0)" }.joined(separator: " ")
        return ["firewall-cmd --permanent --zone=trusted \(options)", "firewall-cmd --reload"]
    }
}

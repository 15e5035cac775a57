internal import NetAddress

extension Doctor {
    /// Simulates the first packet of each kind of flow that an overlay needs against the host's rules.
    static func firewall(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        let area = Diagnosis.Area.firewall
        var found = firewalls(host)
        switch tables(host.firewall) {
        case .unseen(let reason): found.append(area.unknown("rules", reason))
        case .seen(let tables):
            for tunnel in expected.tunnels {
                let families = Set(tunnel.subnets.map(\.family)).sorted { $0.bitWidth < $1.bitWidth }
                for family in families.isEmpty ? [.v4] : families {
                    for flow in overlayFlows(tunnel, family, tables, host) where !found.contains(flow) {
                        // A finding for both families is reported once.
                        var flow = flow
                        let isSecond = found.contains { $0.check == flow.check }
                        if isSecond, family == .v6 { flow.check += " (IPv6)" }
                        found.append(flow)
                    }
                }
                found += underlayFlows(tunnel, tables, host)
            }
            found.append(untracked(expected, tables, host))
        }
        return found
    }

    private static func tables(_ facts: FirewallFacts) -> Look<[FilterTable]> {
        let dumped = facts.iptables.flatMap { IptablesRules.tables($0.text, program: $0.program) }
        switch facts.nftables {
        case .unseen(let reason): return .unseen(reason)
        case .seen(let json):
            // The tables of iptables-nft are in both outputs; only iptables-save can print their matches.
            let own = Set(
                dumped.filter { $0.program?.hasSuffix("-nft") == true }.map { [$0.family.rawValue, $0.name] })
            guard
                let tables = try? NftablesRules.tables(json, besides: { own.contains([$0.family.rawValue, $0.name]) })
            else { return .unseen("what nft -j list ruleset printed is not understood") }
            return .seen(tables + dumped)
        }
    }

    /// The programs that manage a firewall here.
    private static func firewalls(_ host: HostInspection) -> [Diagnosis] {
        let area = Diagnosis.Area.firewall
        let firewalld = host.services.state(process: "firewalld", unit: "firewalld.service")
        let docker = host.services.state(process: "dockerd", unit: "docker.service")
        let names = [
            firewalld.map { "firewalld (\($0))" }, host.firewall.isUfwEnabled ? "ufw (enabled)" : nil,
            docker.map { "Docker (\($0))" },
        ].compactMap(\.self)
        guard case .unseen = host.firewall.nftables, !names.isEmpty else {
            return [area.ok("programs", names.isEmpty ? "no firewalld, ufw or Docker" : names.listed)]
        }
        return [
            area.warning(
                "programs", names.listed, why: "its rules may drop what overlays need, and they could not be looked at",
                remedy: ["sudo wgctl doctor"])
        ]
    }

    /// What containers send each other, and the probes that peers send to this host.
    private static func overlayFlows(
        _ tunnel: ExpectedHost.Tunnel, _ family: IPAddress.Family, _ tables: [FilterTable], _ host: HostInspection
    ) -> [Diagnosis] {
        let names = tunnel.names
        let subnet = tunnel.subnets.first { $0.family == family }
        let pairs = [(names.bridge, names.wireguard), (names.wireguard, names.bridge)]
        var barriers: [(flow: String, barrier: PacketWalk.Barrier)] = []
        for (input, output) in pairs {
            let packet = Packet(
                hook: .forward, family: family, input: input, output: output, source: subnet, destination: subnet,
                transport: "tcp")
            if let barrier = PacketWalk.barrier(of: packet, in: tables) {
                barriers.append(("\(input) to \(output)", barrier))
            }
        }
        let flows = barriers.map(\.flow).listed
        let forward =
            barriers.first.map {
                diagnosis(
                    "forwarding", $0.barrier, flow: "what goes from \(flows)",
                    why: "containers of different hosts do not reach each other",
                    remedy: FirewallRemedy(barrier: $0.barrier, host: host).forward(tunnel))
            } ?? Diagnosis.Area.firewall.ok("forwarding", "\(names.bridge) and \(names.wireguard): let through")
        let echo = Packet(
            hook: .input, family: family, input: names.wireguard, source: subnet, destination: subnet,
            transport: family == .v4 ? "icmp" : "ipv6-icmp")
        let probe =
            PacketWalk.barrier(of: echo, in: tables).map { barrier in
                var diagnosis = diagnosis(
                    "probes", barrier, flow: "pings that come in by \(names.wireguard)",
                    why: "other hosts show this one as NoReply, and containers do not reach it",
                    remedy: FirewallRemedy(barrier: barrier, host: host).input(interface: names.wireguard))
                if diagnosis.severity == .problem { diagnosis.severity = .warning }
                return diagnosis
            } ?? Diagnosis.Area.firewall.ok("probes", "pings by \(names.wireguard): let in")
        return [forward, probe]
    }

    /// WireGuard's own packets, in and out.
    private static func underlayFlows(
        _ tunnel: ExpectedHost.Tunnel, _ tables: [FilterTable], _ host: HostInspection
    ) -> [Diagnosis] {
        let port = tunnel.listenPort
        let underlay = host.network.defaultRoutes.count == 1 ? host.network.defaultRoutes.first : nil
        let incoming = Packet(hook: .input, family: .v4, input: underlay, transport: "udp", port: Int(port))
        let outgoing = Packet(hook: .output, family: .v4, output: underlay, transport: "udp", port: Int(port))
        let name = "port \(port)/udp"
        let found = [(incoming, "in"), (outgoing, "out")].compactMap { packet, direction in
            PacketWalk.barrier(of: packet, in: tables).map { barrier in
                diagnosis(
                    name, barrier, flow: "WireGuard's packets on their way \(direction)",
                    why: "peers cannot be reached until this host has sent to them first",
                    remedy: FirewallRemedy(barrier: barrier, host: host).port(port, isInput: direction == "in"))
            }
        }
        return found.isEmpty ? [Diagnosis.Area.firewall.ok(name, "let in and out")] : found
    }

    private static func diagnosis(
        _ check: String, _ barrier: PacketWalk.Barrier, flow: String, why: String, remedy: [String]
    ) -> Diagnosis {
        let area = Diagnosis.Area.firewall
        switch barrier.verdict {
        case .accept: return area.ok(check, "let through")
        case .unsure(let place):
            return area.warning(
                check, "\(place), unless a rule above it that is not understood here lets pass \(flow)", why: why,
                remedy: remedy)
        case .drop(let place) where barrier.isNetavarksChain && barrier.table.program != nil:
            return area.warning(
                check, "\(place); it drops \(flow)",
                why: "\(why), until netavark adds its rules for the overlay's subnet: it does so when the first "
                    + "container starts. After a flush of the firewall they are missing. LANs behind other nodes stay out",
                remedy: ["podman network reload --all"] + remedy)
        case .drop(let place): return area.problem(check, "\(place); it drops \(flow)", why: why, remedy: remedy)
        }
    }

    /// Rules that keep our packets out of connection tracking, which Podman's address translation needs.
    private static func untracked(
        _ expected: ExpectedHost, _ tables: [FilterTable], _ host: HostInspection
    ) -> Diagnosis {
        let area = Diagnosis.Area.firewall
        let places = expected.tunnels.flatMap { tunnel -> [String] in
            let subnet = tunnel.subnets.first { $0.family == .v4 }
            return [tunnel.names.wireguard, tunnel.names.bridge].flatMap { name in
                PacketWalk.untracking(
                    of: Packet(
                        hook: .prerouting, family: .v4, input: name, source: subnet, destination: subnet,
                        transport: "tcp"), in: tables)
            }
        }
        guard !places.isEmpty else { return area.ok("connection tracking", "no notrack and no zones for our packets") }
        return area.warning(
            "connection tracking", "\(Set(places).sorted().listed): notrack or a zone of its own",
            why: "packets of the overlay that are not tracked, or in another zone, miss Podman's rules for answers and "
                + "published ports",
            remedy: ["limit that rule to other interfaces than \(expected.interfaces.listed)"])
    }
}

extension PacketWalk.Barrier {
    /// The iptables chain into which netavark inserts its rules, before all others.
    var isNetavarksChain: Bool { table.name == "filter" && chain == "FORWARD" }
}

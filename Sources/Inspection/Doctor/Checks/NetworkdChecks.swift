internal import NetAddress

extension Doctor {
    static func networkd(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        let area = Diagnosis.Area.networkd
        guard let state = host.services.state(process: "systemd-networkd", unit: "systemd-networkd.service") else {
            return [area.ok("service", "not running, and not started at boot")]
        }
        return [area.ok("service", state)] + takers(host, expected) + makers(host, expected) + foreign(host)
    }

    /// Files that apply to our interfaces. What networkd does to them was tested with systemd 252: see docs/hosts.md.
    private static func takers(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        let area = Diagnosis.Area.networkd
        let match = NetworkdMatch(files: host.networkd.networks)
        var taken: [String: [String]] = [:]
        for interface in expected.tunnels.flatMap(\.networkdInterfaces) {
            if let file = match.taker(of: interface) { taken[file.path, default: []].append(interface.name) }
        }
        guard !taken.isEmpty else {
            return [area.ok("interfaces", "no .network file takes \(expected.interfaces.listed)")]
        }
        let takers = host.networkd.networks.filter { taken[$0.path] != nil }
        // Files are tried in the order of their names.
        let first = takers.map(\.name).min() ?? ""
        let name = first > "05-wgctl.network" ? "05-wgctl.network" : "00-\(first)"
        let found = takers.map { "\($0.path) takes \((taken[$0.path] ?? []).listed)" }.joined(separator: "; ")
        let remedy = [
            "put this into /etc/systemd/network/\(name), then run networkctl reload:",
            "[Match]", "Name=\(expected.interfaces.joined(separator: " "))", "", "[Link]", "Unmanaged=yes",
        ]
        let tunnels = Set(expected.tunnels.map(\.names.wireguard))
        guard taken.values.contains(where: { !tunnels.isSuperset(of: $0) }) else {
            return [
                area.warning(
                    "interfaces", found, why: "networkd gives it addresses and asks DHCP on it", remedy: remedy)
            ]
        }
        return [
            area.problem(
                "interfaces", found,
                why: "networkd gives them addresses, asks DHCP on them, and takes the anchor out of its bridge",
                remedy: remedy)
        ]
    }

    private static func makers(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        host.networkd.devices.compactMap { file in
            guard let name = ConfigurationFile(file).last("NetDev", "Name")?.value, expected.interfaces.contains(name)
            else {
                return nil
            }
            return Diagnosis.Area.networkd.problem(
                "devices", "\(file.path) makes \(name)", why: "wgd leaves alone what it did not make",
                remedy: ["rm \(file.path)", "ip link delete \(name)", "networkctl reload"])
        }
    }

    private static func foreign(_ host: HostInspection) -> [Diagnosis] {
        let area = Diagnosis.Area.networkd
        let settings = ConfigurationFile(host.networkd.configuration)
        let keys = ["ManageForeignRoutes", "ManageForeignRoutingPolicyRules"]
        let missing = keys.filter { settings.last("Network", $0)?.isFalse != true }
        guard !missing.isEmpty else { return [area.ok("foreign routes", "\(keys.listed) are no")] }
        return [
            area.warning(
                "foreign routes", "\(missing.listed) \(missing.count == 1 ? "is" : "are") not set to no",
                why: "a restart of networkd may delete routes and rules that it did not make; wgd puts them back, "
                    + "and packets are lost meanwhile",
                remedy: [
                    "put this into /etc/systemd/networkd.conf.d/50-wgctl.conf, then run systemctl restart systemd-networkd:",
                    "[Network]",
                ] + keys.map { "\($0)=no" })
        ]
    }
}

extension ExpectedHost.Tunnel {
    fileprivate var networkdInterfaces: [NetworkdMatch.Interface] {
        [
            .init(name: names.wireguard, kinds: ["wireguard", "tun"], types: ["wireguard", "none"]),
            .init(name: names.bridge, kinds: ["bridge"], types: ["bridge"], driver: "bridge"),
            .init(name: names.anchor, kinds: ["veth"], types: ["ether"], driver: "veth"),
            .init(name: names.anchorPeer, kinds: ["veth"], types: ["ether"], driver: "veth"),
        ]
    }
}

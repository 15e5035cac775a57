internal import NetAddress

extension Doctor {
    /// Other programs that create, or would create, interfaces with our names.
    static func interfaces(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        let area = Diagnosis.Area.interfaces
        var found: [Diagnosis] = []
        switch host.network.links {
        case .unseen(let reason): found.append(area.unknown("names", reason))
        case .seen(let links):
            let rivals = links.filter { expected.interfaces.contains($0.name) && !$0.isOurs }
            for link in rivals {
                found.append(
                    area.problem(
                        "names",
                        "\(link.name) is there, and wgctl did not make it (kind \(link.kind.isEmpty ? "none" : link.kind))",
                        why: "wgd leaves it alone, and so cannot set the overlay up",
                        remedy: [
                            "ip link delete \(link.name)",
                            "or give the overlay another name: spec.wireguard.interface of the Overlay",
                        ]))
            }
            if rivals.isEmpty {
                let standing = links.filter { expected.interfaces.contains($0.name) }.map(\.name)
                found.append(
                    area.ok(
                        "names",
                        standing.isEmpty
                            ? "nobody else has \(expected.interfaces.listed)" : "\(standing.listed): wgctl's own"))
            }
        }
        for tunnel in expected.tunnels {
            let name = tunnel.names.wireguard
            let unit = "wg-quick@\(name).service"
            if host.services.enabledUnits.contains(unit) {
                found.append(
                    area.problem(
                        "wg-quick", "\(unit) is started at boot", why: "it makes \(name) itself before wgd can",
                        remedy: ["systemctl disable --now wg-quick@\(name)"]))
            }
            found += ports(tunnel, host)
        }
        return found
    }

    private static func ports(_ tunnel: ExpectedHost.Tunnel, _ host: HostInspection) -> [Diagnosis] {
        let area = Diagnosis.Area.interfaces
        let name = tunnel.names.wireguard
        guard let port = host.network.udpPorts.first(where: { $0.number == tunnel.listenPort }) else {
            return [area.ok("port \(tunnel.listenPort)/udp", "free")]
        }
        var isOurs = false
        if case .seen(let links) = host.network.links {
            isOurs = links.contains { $0.name == name && $0.isOurs } && [nil, "wireguard-go"].contains(port.holder)
        }
        if isOurs { return [area.ok("port \(tunnel.listenPort)/udp", "held by \(name)")] }
        let holder = port.holder.map { "taken by \($0)" } ?? "taken by the kernel, or a process that only root can see"
        return [
            area.problem(
                "port \(tunnel.listenPort)/udp", holder, why: "\(name) cannot listen there",
                remedy: [
                    "ss -ulnp 'sport = :\(tunnel.listenPort)'",
                    "stop that program, or choose another port: spec.wireguard.listenPort of the Overlay",
                ])
        ]
    }
}

extension [String] {
    /// `a, b and c`
    var listed: String {
        guard count > 1, let last else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " and " + last
    }
}

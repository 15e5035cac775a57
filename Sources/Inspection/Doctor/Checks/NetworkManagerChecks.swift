internal import NetAddress

extension Doctor {
    static func networkManager(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        let area = Diagnosis.Area.networkManager
        guard let state = host.services.state(process: "NetworkManager", unit: "NetworkManager.service") else {
            return [area.ok("service", "not running, and not started at boot")]
        }
        return [area.ok("service", state), interfaces(host, expected)] + profiles(host, expected)
    }

    /// Not the tunnels: NetworkManager leaves a WireGuard interface alone that it did not create (docs/hosts.md).
    private static func interfaces(_ host: HostInspection, _ expected: ExpectedHost) -> Diagnosis {
        let area = Diagnosis.Area.networkManager
        let devices = NetworkManagerDevices(configuration: ConfigurationFile(host.networkManager.configuration))
        let ours = expected.tunnels.map(\.names).flatMap { names in
            [(names.bridge, "bridge"), (names.anchor, "veth"), (names.anchorPeer, "veth")]
        }
        let left = ours.filter { !devices.leavesAlone($0.0, type: $0.1) }.map(\.0)
        guard !left.isEmpty else { return area.ok("interfaces", "\(ours.map(\.0).listed): left alone") }
        let items = ours.map { "interface-name:\($0.0)" }.joined(separator: ";")
        return area.warning(
            "interfaces", "nothing tells it to leave \(left.listed) alone",
            why: "a profile for any wired interface, or its own default one, takes the free end of an anchor and asks "
                + "DHCP on the overlay's bridge",
            remedy: [
                "put this into /etc/NetworkManager/conf.d/50-wgctl.conf, then run nmcli general reload:",
                "[keyfile]", "unmanaged-devices+=\(items)",
            ])
    }

    private static func profiles(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        let area = Diagnosis.Area.networkManager
        switch host.networkManager.profiles {
        case .unseen(let reason): return [area.unknown("profiles", reason)]
        case .seen(let files):
            let found = files.compactMap { file -> Diagnosis? in
                guard let name = ConfigurationFile(file).last("connection", "interface-name")?.value,
                    expected.interfaces.contains(name)
                else { return nil }
                return area.problem(
                    "profiles", "\(file.path) is a connection on \(name)",
                    why: "it makes or sets up the interface itself",
                    remedy: [
                        "nmcli connection delete '\(ConfigurationFile(file).last("connection", "id")?.value ?? file.name)'"
                    ]
                )
            }
            return found.isEmpty ? [area.ok("profiles", "none names an interface of ours")] : found
        }
    }
}

internal import Doctor
internal import Glibc

/// The files of programs that configure the network.
struct ConfigurationLook {
    let root: HostRoot

    /// networkd.conf(5), systemd.network(5), systemd.netdev(5).
    func networkd() -> NetworkdFacts {
        let main = root.first(["/etc/systemd/networkd.conf", "/usr/lib/systemd/networkd.conf"])
        return NetworkdFacts(
            configuration: (main.map(file) ?? []) + root.configuration("systemd/networkd.conf.d", suffix: ".conf"),
            networks: root.configuration("systemd/network", suffix: ".network"),
            devices: root.configuration("systemd/network", suffix: ".netdev"))
    }

    /// NetworkManager.conf(5): the distribution's drop-ins, the main file, then the administrator's drop-ins.
    func networkManager() -> NetworkManagerFacts {
        let ours = "/etc/NetworkManager/conf.d"
        let shadowed = Set(root.names(in: ours))
        let others = root.files(
            in: ["/run/NetworkManager/conf.d", "/usr/lib/NetworkManager/conf.d"], suffix: ".conf"
        ).filter { !shadowed.contains($0.path.split(separator: "/").last.map(String.init) ?? "") }
        let profiles = "/etc/NetworkManager/system-connections"
        return NetworkManagerFacts(
            configuration: others + file("/etc/NetworkManager/NetworkManager.conf")
                + root.files(in: [ours], suffix: ".conf"),
            profiles: access(root.real(profiles), R_OK | X_OK) == 0 || !root.exists(profiles)
                ? .seen(root.files(in: [profiles, "/run/NetworkManager/system-connections"], suffix: ""))
                : .unseen("\(profiles): only root may read it"))
    }

    /// ufw.conf: whether its rules are loaded at boot.
    func isUfwEnabled() -> Bool {
        (root.text("/etc/ufw/ufw.conf") ?? "").split(separator: "\n").contains {
            $0.lowercased().filter { !$0.isWhitespace } == "enabled=yes"
        }
    }

    /// sysctl.d(5). `sysctl --system` reads /etc/sysctl.conf as well, and last.
    func sysctlFiles() -> [TextFile] {
        let files = root.configuration("sysctl.d", suffix: ".conf")
        let isLinked = root.exists("/etc/sysctl.d/99-sysctl.conf")
        return files + (isLinked ? [] : file("/etc/sysctl.conf"))
    }

    private func file(_ path: String) -> [TextFile] {
        root.text(path).map { [TextFile(path: path, text: $0)] } ?? []
    }
}

extension Doctor {
    static func podman(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        let podman = host.podman
        return [version(podman), socket(podman), backend(podman), runtime(podman), iptables(podman), nft(podman)]
            .compactMap(\.self)
    }

    private static func version(_ podman: PodmanFacts) -> Diagnosis {
        let area = Diagnosis.Area.podman
        var text = podman.programVersion
        if case .seen(let service) = podman.service { text = service.version }
        guard let text else {
            return area.problem(
                "version", "Podman is not installed",
                why: "without its networks there are no overlay addresses, and no containers",
                remedy: ["apt-get install podman netavark crun"])
        }
        guard let version = Version(text) else { return area.unknown("version", "\(text) is not understood") }
        if version < Version(major: 4, minor: 0) {
            return area.problem(
                "version", "\(text) is older than 4.0", why: "wgctl speaks version 4 of Podman's API",
                remedy: ["install Podman 4.3 or newer"])
        }
        guard version < Version(major: 4, minor: 3) else { return area.ok("version", text) }
        return area.warning(
            "version", "\(text) is older than 4.3", why: "wgctl was never tried with it",
            remedy: ["install Podman 4.3 or newer"])
    }

    private static func socket(_ podman: PodmanFacts) -> Diagnosis {
        let area = Diagnosis.Area.podman
        switch podman.service {
        case .seen: return area.ok("socket", "\(podman.socketPath) answers")
        case .unseen(let reason) where reason == PodmanFacts.notAllowed:
            return area.unknown("socket", "\(podman.socketPath): only root may ask")
        case .unseen(let reason):
            return area.problem(
                "socket", reason, why: "wgd drives Podman through this socket",
                remedy: ["systemctl enable --now podman.socket"])
        }
    }

    private static func backend(_ podman: PodmanFacts) -> Diagnosis? {
        let area = Diagnosis.Area.podman
        if case .seen(let service) = podman.service, service.networkBackend != "netavark" {
            return area.problem(
                "network backend", "\(service.networkBackend), not netavark",
                why: "the overlay's network needs a bridge of its own name and static addresses as netavark makes them",
                remedy: [
                    "apt-get install netavark",
                    "put this into /etc/containers/containers.conf, then run podman system reset (it removes containers):",
                    "[network]", "network_backend = \"netavark\"",
                ])
        }
        if podman.programs.contains("netavark") { return area.ok("network backend", "netavark") }
        return area.problem(
            "network backend", "netavark is not installed", why: "Podman's networks are made by it",
            remedy: ["apt-get install netavark"])
    }

    private static func runtime(_ podman: PodmanFacts) -> Diagnosis {
        let area = Diagnosis.Area.podman
        if case .seen(let service) = podman.service, !service.runtime.isEmpty {
            return area.ok("runtime", service.runtime)
        }
        if let name = ["crun", "runc"].first(where: podman.programs.contains) { return area.ok("runtime", name) }
        return area.problem(
            "runtime", "neither crun nor runc is installed", why: "containers are started by it",
            remedy: ["apt-get install crun"])
    }

    /// netavark up to 1.9 has no other way to let containers' packets pass.
    private static func iptables(_ podman: PodmanFacts) -> Diagnosis {
        let area = Diagnosis.Area.podman
        if podman.programs.contains("iptables") { return area.ok("iptables", "installed") }
        return area.warning(
            "iptables", "not installed", why: "netavark up to 1.9 starts no container without it",
            remedy: ["apt-get install iptables"])
    }

    private static func nft(_ podman: PodmanFacts) -> Diagnosis {
        let area = Diagnosis.Area.podman
        if podman.programs.contains("nft") { return area.ok("nftables", "installed") }
        return area.warning(
            "nftables", "nft is not installed",
            why: "nothing can be said of this host's firewall, and wgctl cannot add its own rules",
            remedy: ["apt-get install nftables"])
    }
}

extension PodmanFacts {
    /// Why a socket that only others may use was not checked.
    public static let notAllowed = "not allowed"
}

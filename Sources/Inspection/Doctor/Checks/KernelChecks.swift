internal import HostState
internal import NetAddress

extension Doctor {
    static func kernel(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        let kernel = host.kernel
        var found = [version(kernel)]
        if let missing = moduleDirectory(kernel) { found.append(missing) }
        found.append(wireguard(kernel, expected))
        found += [
            module("bridge", kernel, why: "every overlay has a bridge that its containers hang on"),
            module("veth", kernel, why: "containers are connected by veth pairs"),
            module(
                "nf_tables", kernel, why: "Podman's firewall rules, and wgctl's own, are nftables underneath"),
            ipv6(host, expected),
        ]
        return found
    }

    /// WireGuard is part of Linux since 5.6; older kernels can have it as a separate module.
    private static func version(_ kernel: KernelFacts) -> Diagnosis {
        guard let version = Version(kernel.release) else {
            return Diagnosis.Area.kernel.unknown("version", "\(kernel.release) is not a version that is understood")
        }
        guard version < Version(major: 5, minor: 6) else { return Diagnosis.Area.kernel.ok("version", kernel.release) }
        return Diagnosis.Area.kernel.warning(
            "version", "\(kernel.release) is older than 5.6",
            why: "it has no WireGuard of its own, and wgctl was never tried with it",
            remedy: ["upgrade the kernel"])
    }

    /// The kernel's package was upgraded or removed under the running kernel: nothing can be loaded any more.
    private static func moduleDirectory(_ kernel: KernelFacts) -> Diagnosis? {
        guard kernel.hasModuleDirectory == false else { return nil }
        return Diagnosis.Area.kernel.problem(
            "modules", "/lib/modules has no \(kernel.release), the running kernel",
            why: "modules that are not loaded yet cannot be loaded: the kernel's package was upgraded or removed",
            remedy: ["reboot"])
    }

    private static func wireguard(_ kernel: KernelFacts, _ expected: ExpectedHost) -> Diagnosis {
        let area = Diagnosis.Area.kernel
        switch kernel.modules["wireguard"] ?? .unknown {
        case .loaded: return area.ok("wireguard", "in the kernel, loaded")
        case .builtIn: return area.ok("wireguard", "in the kernel, built in")
        case .loadable: return area.ok("wireguard", "in the kernel, loaded when it is needed")
        case .missing, .unknown: break
        }
        let isKnown = kernel.modules["wireguard"] == .missing
        let what = isKnown ? "not in the kernel" : "nothing tells whether it is in the kernel"
        let install = ["apt-get install wireguard-go"]
        if isKnown, let tunnel = expected.tunnels.first(where: { $0.backend == .kernel }) {
            return area.problem(
                "wireguard", what,
                why: "\(tunnel.names.wireguard) asks for the kernel's: spec.wireguard.backend is Kernel",
                remedy: ["set backend: Auto in its Overlay, or boot a kernel that has CONFIG_WIREGUARD"])
        }
        guard let program = kernel.wireguardGo else {
            let why = "without it there are no tunnels"
            return isKnown
                ? area.problem("wireguard", "\(what), and wireguard-go is not installed", why: why, remedy: install)
                : area.unknown("wireguard", what, remedy: ["modprobe wireguard || " + install[0]])
        }
        guard kernel.hasTunDevice else {
            return area.problem(
                "wireguard", "\(what), and wireguard-go finds no /dev/net/tun", why: "without it there are no tunnels",
                remedy: ["modprobe tun"])
        }
        guard isKnown else { return area.unknown("wireguard", "\(what); \(program) is there") }
        return area.warning(
            "wireguard", "\(what); \(program) does its work", why: "it carries less, and takes more processor time",
            remedy: ["boot a kernel that has CONFIG_WIREGUARD (Debian's linux-image-amd64 has)"])
    }

    private static func module(_ name: String, _ kernel: KernelFacts, why: String) -> Diagnosis {
        let area = Diagnosis.Area.kernel
        switch kernel.modules[name] ?? .unknown {
        case .loaded: return area.ok(name, "loaded")
        case .builtIn: return area.ok(name, "built in")
        case .loadable: return area.ok(name, "loaded when it is needed")
        case .unknown: return area.unknown(name, "nothing tells whether the kernel has it")
        case .missing:
            return area.problem(
                name, "the kernel does not have it", why: why,
                remedy: ["boot a kernel that has it (Debian's linux-image-amd64 has)"])
        }
    }

    private static func ipv6(_ host: HostInspection, _ expected: ExpectedHost) -> Diagnosis {
        let area = Diagnosis.Area.kernel
        let isDisabled = host.sysctls.values["net/ipv6/conf/all/disable_ipv6"] == "1"
        if host.kernel.hasIPv6, !isDisabled { return area.ok("ipv6", "enabled") }
        let found = host.kernel.hasIPv6 ? "net.ipv6.conf.all.disable_ipv6 = 1" : "the kernel runs without it"
        guard expected.hasIPv6 else { return area.ok("ipv6", "\(found); no overlay here uses it") }
        return area.problem(
            "ipv6", found, why: "an overlay of this host has an IPv6 subnet",
            remedy: host.kernel.hasIPv6
                ? [
                    "sysctl -w net.ipv6.conf.all.disable_ipv6=0",
                    "grep -rn disable_ipv6 /etc/sysctl.d /etc/sysctl.conf",
                ]
                : ["take ipv6.disable=1 off the kernel's command line, and reboot"])
    }
}

/// The first two numbers of a version.
struct Version: Hashable, Comparable {
    var major: Int
    var minor: Int

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// `6.1.0-18-amd64`, `podman version 4.3.1`
    init?(_ text: String) {
        let start = text.drop { !$0.isNumber }
        let parts = start.prefix { $0.isNumber || $0 == "." }.split(separator: ".").prefix(2).compactMap { Int($0) }
        guard parts.count == 2 else { return nil }
        self.init(major: parts[0], minor: parts[1])
    }

    static func < (a: Version, b: Version) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
}

/// The facts of a host, as plain values, not judged yet.
public struct HostInspection: Hashable, Sendable {
    public var kernel: KernelFacts
    public var podman: PodmanFacts
    public var services: ServiceFacts
    public var network: NetworkFacts
    public var networkd: NetworkdFacts
    public var networkManager: NetworkManagerFacts
    public var firewall: FirewallFacts
    public var sysctls: SysctlFacts
    public var clock: ClockFacts
    public var daemon: DaemonFacts

    public init(
        kernel: KernelFacts, podman: PodmanFacts, services: ServiceFacts, network: NetworkFacts,
        networkd: NetworkdFacts, networkManager: NetworkManagerFacts, firewall: FirewallFacts, sysctls: SysctlFacts,
        clock: ClockFacts, daemon: DaemonFacts
    ) {
        self.kernel = kernel
        self.podman = podman
        self.services = services
        self.network = network
        self.networkd = networkd
        self.networkManager = networkManager
        self.firewall = firewall
        self.sysctls = sysctls
        self.clock = clock
        self.daemon = daemon
    }
}

/// One inspection: what was found, or why nothing could be.
public enum Look<Value: Hashable & Sendable>: Hashable, Sendable {
    case seen(Value)
    case unseen(String)
}

/// A file of configuration.
public struct TextFile: Hashable, Sendable {
    /// As this host has it: `/etc/systemd/network/20-wired.network`.
    public var path: String
    public var text: String

    public init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    var name: String { String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]) }
}

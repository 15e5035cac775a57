/// Programs in the background that configure the network.
public struct ServiceFacts: Hashable, Sendable {
    /// Names of processes in this network namespace, as the kernel shortens them to 15 bytes.
    public var processes: Set<String>
    /// Units that systemd starts at boot: `systemd-networkd.service`, `wg-quick@wg0.service`.
    public var enabledUnits: Set<String>

    public init(processes: Set<String> = [], enabledUnits: Set<String> = []) {
        self.processes = processes
        self.enabledUnits = enabledUnits
    }

    /// `running`, `not running, started at boot`; nil when neither.
    func state(process: String, unit: String) -> String? {
        if processes.contains(String(decoding: process.utf8.prefix(15), as: UTF8.self)) { return "running" }
        return enabledUnits.contains(unit) ? "not running, started at boot" : nil
    }
}

public struct NetworkFacts: Hashable, Sendable {
    public struct Link: Hashable, Sendable {
        public var name: String
        /// `IFLA_INFO_KIND`; empty for hardware.
        public var kind: String
        /// Whether it carries our mark.
        public var isOurs: Bool

        public init(name: String, kind: String = "", isOurs: Bool = false) {
            self.name = name
            self.kind = kind
            self.isOurs = isOurs
        }
    }

    /// An open UDP port.
    public struct UDPPort: Hashable, Sendable {
        public var number: UInt16
        /// The process that uses it; nil for the kernel, or when it is not known.
        public var holder: String?

        public init(number: UInt16, holder: String? = nil) {
            self.number = number
            self.holder = holder
        }
    }

    public var links: Look<[Link]>
    /// Interfaces of IPv4 default routes.
    public var defaultRoutes: Set<String>
    /// Interfaces of IPv6 default routes from router advertisements.
    public var advertisedRoutes: Set<String>
    public var udpPorts: [UDPPort]

    public init(
        links: Look<[Link]>, defaultRoutes: Set<String> = [], advertisedRoutes: Set<String> = [],
        udpPorts: [UDPPort] = []
    ) {
        self.links = links
        self.defaultRoutes = defaultRoutes
        self.advertisedRoutes = advertisedRoutes
        self.udpPorts = udpPorts
    }
}

public struct NetworkdFacts: Hashable, Sendable {
    /// networkd.conf and its drop-ins, later ones overruling.
    public var configuration: [TextFile]
    /// `*.network`, in the order in which networkd tries them.
    public var networks: [TextFile]
    /// `*.netdev`, likewise.
    public var devices: [TextFile]

    public init(configuration: [TextFile] = [], networks: [TextFile] = [], devices: [TextFile] = []) {
        self.configuration = configuration
        self.networks = networks
        self.devices = devices
    }
}

public struct NetworkManagerFacts: Hashable, Sendable {
    /// NetworkManager.conf and its drop-ins, later ones overruling.
    public var configuration: [TextFile]
    /// Connection profiles: readable by root alone.
    public var profiles: Look<[TextFile]>

    public init(configuration: [TextFile] = [], profiles: Look<[TextFile]> = .seen([])) {
        self.configuration = configuration
        self.profiles = profiles
    }
}

public struct FirewallFacts: Hashable, Sendable {
    /// The output of `iptables-save` of one variant and family.
    public struct IptablesDump: Hashable, Sendable {
        /// `iptables-nft`, `ip6tables-legacy`.
        public var program: String
        public var text: String

        public init(program: String, text: String) {
            self.program = program
            self.text = text
        }
    }

    /// The output of `nft -j list ruleset`.
    public var nftables: Look<String>
    public var iptables: [IptablesDump]
    /// Whether /etc/ufw/ufw.conf has ENABLED=yes.
    public var isUfwEnabled: Bool

    public init(nftables: Look<String>, iptables: [IptablesDump] = [], isUfwEnabled: Bool = false) {
        self.nftables = nftables
        self.iptables = iptables
        self.isUfwEnabled = isUfwEnabled
    }
}

public struct SysctlFacts: Hashable, Sendable {
    /// By the path below /proc/sys; those that do not exist are absent.
    public var values: [String: String]
    /// Whether /proc/sys is mounted read-only.
    public var isReadOnly: Bool
    /// The files of sysctl.d in the order in which they are applied at boot.
    public var files: [TextFile]

    public init(values: [String: String] = [:], isReadOnly: Bool = false, files: [TextFile] = []) {
        self.values = values
        self.isReadOnly = isReadOnly
        self.files = files
    }
}

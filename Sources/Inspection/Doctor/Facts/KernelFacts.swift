public struct KernelFacts: Hashable, Sendable {
    /// A part of the kernel.
    public enum Module: Hashable, Sendable {
        case loaded, builtIn
        /// Loaded by the kernel itself when it is needed.
        case loadable
        case missing
        /// Cannot be determined on this host.
        case unknown
    }

    /// `uname -r`.
    public var release: String
    /// By name, with underscores: `nf_tables`.
    public var modules: [String: Module]
    /// Whether `/lib/modules` has a directory for this release; nil when it has none at all.
    public var hasModuleDirectory: Bool?
    /// `/dev/net/tun` exists.
    public var hasTunDevice: Bool
    /// Where wireguard-go is; nil when it is not installed.
    public var wireguardGo: String?
    /// `/proc/net/if_inet6` exists.
    public var hasIPv6: Bool

    public init(
        release: String, modules: [String: Module], hasModuleDirectory: Bool? = true, hasTunDevice: Bool = true,
        wireguardGo: String? = nil, hasIPv6: Bool = true
    ) {
        self.release = release
        self.modules = modules
        self.hasModuleDirectory = hasModuleDirectory
        self.hasTunDevice = hasTunDevice
        self.wireguardGo = wireguardGo
        self.hasIPv6 = hasIPv6
    }

    /// The modules that are checked.
    public static let relevantModules = ["wireguard", "bridge", "veth", "nf_tables", "tun"]
}

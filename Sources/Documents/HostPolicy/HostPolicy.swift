public import NetAddress
public import Resources

/// What manifests may ask of one host. Mirrors `spec` of `hostpolicy.yaml`, which says what each field means.
///
/// Who can write the manifests decides what the fleet does; this bounds what that is on this host. It comes from a file
/// of the host's own, never from the manifests.
public struct HostPolicy: Hashable, Sendable, Codable {
    /// A Pod Security Standard of Kubernetes. `Restricted` asks for fields that a container here does not have.
    public enum Level: String, Hashable, Sendable, Codable {
        case baseline = "Baseline"
        case privileged = "Privileged"
    }

    public struct Containers: Hashable, Sendable, Codable {
        public var level: Level = .baseline
        public var privileged = false
        public var capabilities: [String] = []
        public var hostPaths: [HostPath] = []
        public var hostPorts: [PortRange] = []
        public var secretFiles = ["/etc/wgctl/secrets"]
        /// nil: any.
        public var registries: [String]?
        /// Seconds between SIGTERM and SIGKILL at most, whatever manifests say; nil: no bound.
        public var maxTerminationGracePeriodSeconds: Int?

        public init() {}
    }

    public struct HostPath: Hashable, Sendable, Codable {
        public var pathPrefix: String
        public var readOnly: Bool

        public init(pathPrefix: String, readOnly: Bool) {
            self.pathPrefix = pathPrefix
            self.readOnly = readOnly
        }
    }

    /// Both ends belong to it.
    public struct PortRange: Hashable, Sendable, Codable {
        public var min: UInt16
        public var max: UInt16

        public init(min: UInt16, max: UInt16) {
            self.min = min
            self.max = max
        }
    }

    public struct Overlays: Hashable, Sendable, Codable {
        /// nil: any.
        public var cidrs: [CIDR]?

        public init() {}
    }

    public struct Nodes: Hashable, Sendable, Codable {
        public var publicKeys: [Pin] = []

        public init() {}
    }

    public struct Pin: Hashable, Sendable, Codable {
        public var node: String
        public var publicKey: PublicKey

        public init(node: String, publicKey: PublicKey) {
            self.node = node
            self.publicKey = publicKey
        }
    }

    /// nil: all.
    public var kinds: [Kind]?
    public var containers = Containers()
    public var overlays = Overlays()
    public var nodes = Nodes()

    /// A host without a policy file.
    public init() {}

    /// The pinned keys, by node name.
    public var pins: [String: PublicKey] {
        Dictionary(nodes.publicKeys.map { ($0.node, $0.publicKey) }) { first, _ in first }
    }
}

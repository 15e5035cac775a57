public import NetAddress

/// The desired state of Podman.
public struct DesiredPodman: Hashable, Sendable, Codable {
    public var networks: [DesiredNetwork] = []
    public var containers: [DesiredContainer] = []

    public init() {}
}

/// A Podman network over a bridge that is ours. Key: `name`.
public struct DesiredNetwork: Hashable, Sendable, Codable {
    public struct Subnet: Hashable, Sendable, Codable {
        public var subnet: CIDR
        /// This host's own overlay address.
        public var gateway: IPAddress
        /// First and last address that Podman may assign to a container that names none; nil assigns none.
        public var leaseRange: LeaseRange?

        public init(subnet: CIDR, gateway: IPAddress, leaseRange: LeaseRange? = nil) {
            self.subnet = subnet
            self.gateway = gateway
            self.leaseRange = leaseRange
        }
    }

    public struct LeaseRange: Hashable, Sendable, Codable {
        public var first: IPAddress
        public var last: IPAddress

        public init(first: IPAddress, last: IPAddress) {
            self.first = first
            self.last = last
        }
    }

    public var name: String
    /// The overlay, by its original name.
    public var overlay: String
    /// The bridge (`network_interface`).
    public var bridge: String
    public var subnets: [Subnet]
    /// Bytes; the tunnel's.
    public var mtu: UInt32
    public var isDNSEnabled: Bool

    public init(
        name: String, overlay: String, bridge: String, subnets: [Subnet], mtu: UInt32, isDNSEnabled: Bool
    ) {
        self.name = name
        self.overlay = overlay
        self.bridge = bridge
        self.subnets = subnets
        self.mtu = mtu
        self.isDNSEnabled = isDNSEnabled
    }
}

/// A container of this node's manifest, in Podman's terms. Key: `name`.
public struct DesiredContainer: Hashable, Sendable, Codable {
    public enum PullPolicy: String, Hashable, Sendable, Codable {
        case always = "Always"
        case ifNotPresent = "IfNotPresent"
        case never = "Never"
    }

    public enum RestartPolicy: String, Hashable, Sendable, Codable {
        case always = "Always"
        case onFailure = "OnFailure"
        case never = "Never"
    }

    public struct Attachment: Hashable, Sendable, Codable {
        /// The Podman network's name.
        public var network: String
        /// The bridge of the network.
        public var bridge: String
        public var addresses: [IPAddress]
        public var macAddress: MACAddress

        public init(network: String, bridge: String, addresses: [IPAddress], macAddress: MACAddress) {
            self.network = network
            self.bridge = bridge
            self.addresses = addresses
            self.macAddress = macAddress
        }
    }

    /// Where the value of an environment variable comes from. A secret is a reference, never a value.
    public enum EnvironmentValue: Hashable, Sendable, Codable {
        case literal(String)
        case podmanSecret(name: String)
        case file(path: String)
    }

    public struct PortMapping: Hashable, Sendable, Codable {
        public var containerPort: UInt16
        public var hostPort: UInt16
        public var hostIP: IPAddress?
        /// `tcp`, `udp` or `sctp`.
        public var transport: String

        public init(containerPort: UInt16, hostPort: UInt16, hostIP: IPAddress?, transport: String) {
            self.containerPort = containerPort
            self.hostPort = hostPort
            self.hostIP = hostIP
            self.transport = transport
        }
    }

    public struct Mount: Hashable, Sendable, Codable {
        public enum Source: Hashable, Sendable, Codable {
            case hostPath(String)
            case volume(String)
        }
        public var source: Source
        public var mountPath: String
        public var isReadOnly: Bool

        public init(source: Source, mountPath: String, isReadOnly: Bool) {
            self.source = source
            self.mountPath = mountPath
            self.isReadOnly = isReadOnly
        }
    }

    public struct HealthCheck: Hashable, Sendable, Codable {
        /// As in the manifest, with `CMD`, `CMD-SHELL` or `NONE` before it if it has one of them.
        public var command: [String]
        /// Seconds.
        public var interval: Int
        public var timeout: Int
        public var startPeriod: Int
        public var retries: Int

        public init(command: [String], interval: Int, timeout: Int, startPeriod: Int, retries: Int) {
            self.command = command
            self.interval = interval
            self.timeout = timeout
            self.startPeriod = startPeriod
            self.retries = retries
        }
    }

    public struct Ulimit: Hashable, Sendable, Codable {
        /// The name of setrlimit(2) without `RLIMIT_`, lower-case: `nofile`.
        public var name: String
        public var soft: Int64
        public var hard: Int64

        public init(name: String, soft: Int64, hard: Int64) {
            self.name = name
            self.soft = soft
            self.hard = hard
        }
    }

    public var name: String
    /// This host's Node, by its original name.
    public var node: String
    public var networks: [Attachment] = []
    public var image: String
    public var pullPolicy: PullPolicy = .ifNotPresent
    /// Kubernetes' `command` (the image's ENTRYPOINT when empty).
    public var entrypoint: [String] = []
    /// Kubernetes' `args` (the image's CMD when empty).
    public var arguments: [String] = []
    public var workingDirectory: String?
    public var environment: [String: EnvironmentValue] = [:]
    public var ports: [PortMapping] = []
    public var mounts: [Mount] = []
    public var restartPolicy: RestartPolicy = .always
    /// Seconds between SIGTERM and SIGKILL.
    public var stopTimeout: Int = 10
    /// Thousandths of a core; nil is no limit.
    public var cpuLimitMilli: Int64?
    /// Bytes; nil is no limit.
    public var memoryLimit: Int64?
    public var isPrivileged = false
    public var addCapabilities: [String] = []
    public var dropCapabilities: [String] = []
    /// `UID` or `UID:GID`.
    public var user: String?
    public var isRootReadOnly = false
    public var healthCheck: HealthCheck?
    public var ulimits: [Ulimit] = []
    public var labels: [String: String] = [:]

    public init(name: String, node: String, image: String) {
        self.name = name
        self.node = node
        self.image = image
    }
}

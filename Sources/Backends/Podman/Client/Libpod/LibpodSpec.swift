/// The fields written of a `SpecGenerator` (podman `pkg/specgen`), the body of `/libpod/containers/create`.
struct LibpodSpec: Encodable, Equatable {
    struct Namespace: Encodable, Equatable { var nsmode: String }

    struct Attachment: Encodable, Equatable {
        var addresses: [String]
        var macAddress: String
        var interface: String

        enum CodingKeys: String, CodingKey {
            case addresses = "static_ips"
            case macAddress = "static_mac"
            case interface = "interface_name"
        }
    }

    struct Port: Encodable, Equatable {
        var containerPort: UInt16
        var hostPort: UInt16
        var hostIP: String?
        var transport: String

        enum CodingKeys: String, CodingKey {
            case containerPort = "container_port"
            case hostPort = "host_port"
            case hostIP = "host_ip"
            case transport = "protocol"
        }
    }

    struct Mount: Encodable, Equatable {
        var type = "bind"
        var source: String
        var destination: String
        var options: [String]
    }

    struct Volume: Encodable, Equatable {
        var name: String
        var destination: String
        var options: [String]

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case destination = "Dest"
            case options = "Options"
        }
    }

    struct Resources: Encodable, Equatable {
        struct CPU: Encodable, Equatable {
            /// Microseconds.
            var quota: Int64
            var period: Int64
        }
        struct Memory: Encodable, Equatable {
            /// Bytes.
            var limit: Int64
        }
        var cpu: CPU?
        var memory: Memory?
    }

    struct HealthCheck: Encodable, Equatable {
        var test: [String]
        /// Nanoseconds.
        var interval: Int64
        var timeout: Int64
        var startPeriod: Int64
        var retries: Int

        enum CodingKeys: String, CodingKey {
            case test = "Test"
            case interval = "Interval"
            case timeout = "Timeout"
            case startPeriod = "StartPeriod"
            case retries = "Retries"
        }
    }

    struct Rlimit: Encodable, Equatable {
        /// Lower-case and without `RLIMIT_`, which Podman adds.
        var type: String
        var soft: UInt64
        var hard: UInt64
    }

    var name: String
    var hostname: String
    var image: String
    var entrypoint: [String]?
    var command: [String]?
    var workingDirectory: String?
    var environment: [String: String]
    var secretEnvironment: [String: String]
    var labels: [String: String]
    var networkNamespace: Namespace
    var networks: [String: Attachment]
    var ports: [Port]
    var mounts: [Mount]
    var volumes: [Volume]
    var restartPolicy: String
    /// Seconds.
    var stopTimeout: Int
    var resources: Resources?
    var isPrivileged: Bool
    var addCapabilities: [String]
    var dropCapabilities: [String]
    var user: String?
    var isRootReadOnly: Bool
    var healthCheck: HealthCheck?
    var rlimits: [Rlimit]

    enum CodingKeys: String, CodingKey {
        case name, hostname, image, entrypoint, command, labels, mounts, volumes, user
        case workingDirectory = "work_dir"
        case environment = "env"
        case secretEnvironment = "secret_env"
        case networkNamespace = "netns"
        case networks = "Networks"
        case ports = "portmappings"
        case restartPolicy = "restart_policy"
        case stopTimeout = "stop_timeout"
        case resources = "resource_limits"
        case isPrivileged = "privileged"
        case addCapabilities = "cap_add"
        case dropCapabilities = "cap_drop"
        case isRootReadOnly = "read_only_filesystem"
        case healthCheck = "healthconfig"
        case rlimits = "r_limits"
    }
}

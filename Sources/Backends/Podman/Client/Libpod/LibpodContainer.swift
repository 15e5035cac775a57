/// An entry of `/libpod/containers/json` (`ListContainer` in podman `pkg/domain/entities`).
struct LibpodListedContainer: Decodable {
    var id: String
    var names: [String]?
    var image: String?
    var imageID: String?
    var state: String?
    var pid: Int?
    /// Seconds since the epoch; year 1 when it never ended.
    var exitedAt: Int64?
    /// The health check's status, despite its name.
    var status: String?
    var exitCode: Int32?
    /// Seconds since the epoch; year 1 when it never ran.
    var startedAt: Int64?
    var labels: [String: String]?
    var networks: [String]?

    enum CodingKeys: String, CodingKey {
        case id = "Id"
        case names = "Names"
        case image = "Image"
        case imageID = "ImageID"
        case state = "State"
        case pid = "Pid"
        case exitedAt = "ExitedAt"
        case status = "Status"
        case exitCode = "ExitCode"
        case startedAt = "StartedAt"
        case labels = "Labels"
        case networks = "Networks"
    }
}

/// The fields read from `/libpod/containers/ID/json`. `Config.Env` is not read: Podman puts the values of secrets there
/// once a container has started.
struct LibpodInspectedContainer: Decodable {
    struct Configuration: Decodable {
        var labels: [String: String]?
        /// Seconds.
        var stopTimeout: Int?
        var healthCheck: HealthCheck?

        enum CodingKeys: String, CodingKey {
            case labels = "Labels"
            case stopTimeout = "StopTimeout"
            case healthCheck = "Healthcheck"
        }
    }

    /// That of the container or of its image (`Schema2HealthConfig` in containers/image).
    struct HealthCheck: Decodable {
        /// `[NONE]`, or empty: no check.
        var test: [String]?
        /// Nanoseconds.
        var interval: Int64?
        var timeout: Int64?

        enum CodingKeys: String, CodingKey {
            case test = "Test"
            case interval = "Interval"
            case timeout = "Timeout"
        }
    }

    struct HostConfiguration: Decodable {
        struct RestartPolicy: Decodable {
            var name: String?

            enum CodingKeys: String, CodingKey { case name = "Name" }
        }

        var restartPolicy: RestartPolicy?

        enum CodingKeys: String, CodingKey { case restartPolicy = "RestartPolicy" }
    }

    struct NetworkSettings: Decodable {
        var networks: [String: Endpoint]?
        /// The file of the network namespace; empty when the container does not run.
        var sandboxKey: String?

        enum CodingKeys: String, CodingKey {
            case networks = "Networks"
            case sandboxKey = "SandboxKey"
        }
    }

    struct Endpoint: Decodable {
        struct Address: Decodable {
            var address: String?

            enum CodingKeys: String, CodingKey { case address = "Addr" }
        }

        var address: String?
        var address6: String?
        var moreAddresses: [Address]?
        var moreAddresses6: [Address]?

        enum CodingKeys: String, CodingKey {
            case address = "IPAddress"
            case address6 = "GlobalIPv6Address"
            case moreAddresses = "SecondaryIPAddresses"
            case moreAddresses6 = "SecondaryIPv6Addresses"
        }

        var all: [String] {
            let more = (moreAddresses ?? []) + (moreAddresses6 ?? [])
            return ([address, address6] + more.map(\.address)).compactMap { $0 }
        }
    }

    struct Status: Decodable {
        var status: String?

        enum CodingKeys: String, CodingKey { case status = "Status" }
    }

    var id: String
    var state: Status?
    var restartCount: Int?
    var configuration: Configuration?
    var hostConfiguration: HostConfiguration?
    var networkSettings: NetworkSettings?

    enum CodingKeys: String, CodingKey {
        case id = "Id"
        case state = "State"
        case restartCount = "RestartCount"
        case configuration = "Config"
        case hostConfiguration = "HostConfig"
        case networkSettings = "NetworkSettings"
    }
}

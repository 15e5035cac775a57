public import NetAddress

/// `spec.containers[]` of a Node, in Kubernetes' names where Kubernetes has them.
public struct Container: Hashable, Sendable, Codable {
    public struct Network: Hashable, Sendable, Codable {
        public var overlay: String
        public var addresses: [IPAddress]
    }

    public struct EnvironmentVariable: Hashable, Sendable, Codable {
        public var name: String
        public var value: String?
        public var valueFrom: SecretReference?
    }

    /// Exactly one of both.
    public struct SecretReference: Hashable, Sendable, Codable {
        public var podmanSecret: String?
        public var file: String?
    }

    public struct Port: Hashable, Sendable, Codable {
        public var containerPort: UInt16
        public var hostPort: UInt16?
        public var hostIP: IPAddress?
        /// `TCP`, `UDP` or `SCTP`.
        public var `protocol`: String
    }

    /// Exactly one of `hostPath` and `volume`.
    public struct VolumeMount: Hashable, Sendable, Codable {
        public var hostPath: String?
        public var volume: String?
        public var mountPath: String
        public var readOnly: Bool
    }

    public struct Resources: Hashable, Sendable, Codable {
        public struct Limits: Hashable, Sendable, Codable {
            /// A Kubernetes quantity: `500m`, `1.5`, `2`.
            public var cpu: String?
            /// A Kubernetes quantity: `64Mi`, `1G`.
            public var memory: String?
        }
        public var limits: Limits?
    }

    public struct SecurityContext: Hashable, Sendable, Codable {
        public struct Capabilities: Hashable, Sendable, Codable {
            public var add: [String]
            public var drop: [String]
        }
        public var privileged: Bool
        public var capabilities: Capabilities?
        public var runAsUser: Int64?
        public var runAsGroup: Int64?
        public var readOnlyRootFilesystem: Bool
    }

    public struct HealthCheck: Hashable, Sendable, Codable {
        public var command: [String]
        /// Durations as Go writes them: `30s`, `1m30s`.
        public var interval: String
        public var timeout: String
        public var startPeriod: String
        public var retries: Int
    }

    public struct Ulimit: Hashable, Sendable, Codable {
        public var name: String
        public var soft: Int64
        public var hard: Int64
    }

    public var name: String
    public var networks: [Network]
    public var image: String
    /// `Always`, `IfNotPresent`, `Never`; absent: as Kubernetes, Always for `:latest` or no tag, else IfNotPresent.
    public var imagePullPolicy: String?
    public var command: [String]
    public var args: [String]
    public var workingDir: String?
    public var env: [EnvironmentVariable]
    public var ports: [Port]
    public var volumes: [VolumeMount]
    /// `Always`, `OnFailure`, `Never`.
    public var restartPolicy: String
    public var terminationGracePeriodSeconds: Int
    public var resources: Resources?
    public var securityContext: SecurityContext?
    public var healthCheck: HealthCheck?
    public var ulimits: [Ulimit]
    public var labels: [String: String]
}

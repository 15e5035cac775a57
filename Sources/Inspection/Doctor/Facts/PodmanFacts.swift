public struct PodmanFacts: Hashable, Sendable {
    /// What Podman reports about itself over its socket.
    public struct Service: Hashable, Sendable {
        public var version: String
        /// `netavark` or `cni`.
        public var networkBackend: String
        /// The OCI runtime: `crun`, `runc`.
        public var runtime: String

        public init(version: String, networkBackend: String, runtime: String) {
            self.version = version
            self.networkBackend = networkBackend
            self.runtime = runtime
        }
    }

    public var socketPath: String
    public var service: Look<Service>
    /// The output of `podman --version`; nil when it is not installed.
    public var programVersion: String?
    /// The programs of `relevantPrograms` that are installed.
    public var programs: Set<String>

    public init(socketPath: String, service: Look<Service>, programVersion: String?, programs: Set<String>) {
        self.socketPath = socketPath
        self.service = service
        self.programVersion = programVersion
        self.programs = programs
    }

    /// netavark 1.4 calls iptables; nft is our own tool.
    public static let relevantPrograms = ["netavark", "crun", "runc", "nft", "iptables"]
}

public import NetAddress
public import Resources

/// Where things are and how often to look: each field has a flag and an environment variable of `wgd`.
public struct DaemonOptions: Sendable {
    /// The Node that this host serves; until that is decided, `hostName`.
    public var node: String
    /// What this host is called: `--node`, `WGD_NODE`, or the host name.
    public var hostName: String
    public var manifestDirectory: String
    /// What manifests may ask of this host; a file that root alone can write.
    public var policyPath: String
    /// Holds `state.db` and `keys/`; 0700.
    public var stateDirectory: String
    public var controlSocket: String
    public var podmanSocket: String
    /// How long a lane sleeps at most.
    public var resync: Duration
    /// Public keys that stand in for the manifests', by node name.
    public var peerKeys: [String: PublicKey]
    /// What one change of the manifests may delete without an operator's word.
    public var pruneLimits: PruneLimits
    /// How long one manifest may take to be parsed before the daemon gives it up and itself with it.
    public var parseTimeout: Duration
    /// Whether a manifest directory that others can write is a warning only: for labs and tests.
    public var trustsManifestWriters = false

    public init(
        node: String, manifestDirectory: String = "/etc/wgctl/manifests",
        policyPath: String = "/etc/wgctl/policy.yaml", stateDirectory: String = "/var/lib/wgctl",
        controlSocket: String = "/run/wgctl/wgd.sock", podmanSocket: String = "/run/podman/podman.sock",
        resync: Duration = .seconds(30), peerKeys: [String: PublicKey] = [:], pruneLimits: PruneLimits = .init(),
        parseTimeout: Duration = .seconds(30)
    ) {
        self.node = node
        hostName = node
        self.manifestDirectory = manifestDirectory
        self.policyPath = policyPath
        self.stateDirectory = stateDirectory
        self.controlSocket = controlSocket
        self.podmanSocket = podmanSocket
        self.resync = resync
        self.peerKeys = peerKeys
        self.pruneLimits = pruneLimits
        self.parseTimeout = parseTimeout
    }

    public var databasePath: String { stateDirectory + "/state.db" }
    public var keyDirectory: String { stateDirectory + "/keys" }
    public var parseJournalPath: String { stateDirectory + "/parsing" }
    /// There once the manifest directory was found to be writable by root and its owner alone.
    public var secureSourcePath: String { stateDirectory + "/manifests-secure" }
    public var lockPath: String { stateDirectory + "/wgd.lock" }
}

public import NetAddress
public import Resources

/// Paths, sockets and intervals: each field has a flag and an environment variable of `wgd`.
public struct DaemonOptions: Sendable {
    /// The Node that this host serves; until that is decided, `hostName`.
    public var node: String
    /// The name of this host: `--node`, `WGD_NODE`, or the host name.
    public var hostName: String
    public var manifestDirectory: String
    /// The policy that limits what manifests may ask of this host; a file that only root can write.
    public var policyPath: String
    /// Contains `state.db` and `keys/`; 0700.
    public var stateDirectory: String
    public var controlSocket: String
    /// The group whose members may read over the control socket; nil is `wgctl`, if there is such a group.
    public var socketGroup: String?
    public var podmanSocket: String
    /// The longest sleep of a lane.
    public var resync: Duration
    /// Public keys that override the manifests', by node name.
    public var peerKeys: [String: PublicKey]
    /// The file that they are from, which is followed; nil when there is none.
    public var peerKeysPath: String?
    /// What one change of the manifests may delete without an operator's confirmation.
    public var pruneLimits: PruneLimits
    /// How long parsing one manifest may take before the daemon ends itself.
    public var parseTimeout: Duration
    /// Whether a manifest directory that others can write is only a warning: for labs and tests.
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
    /// Exists once the manifest directory was found to be writable only by root and its owner.
    public var secureSourcePath: String { stateDirectory + "/manifests-secure" }
    public var lockPath: String { stateDirectory + "/wgd.lock" }
}

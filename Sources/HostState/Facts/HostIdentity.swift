public import Convergence

/// Which Node this host serves, and the names that what is on it was made with. Written by whoever accepts manifests.
public struct HostIdentity: Fact {
    /// The name of this host's Node.
    public var node = ""
    public var identities = Identities()
    /// That this host has another name than the Node that it serves, and what to do; nil when it has not.
    public var nameChange: String?

    public init() {}

    /// The name that this host's Node had when its containers were made.
    public var originalNode: String { identities.original(ofNode: node) }
}

/// Bounds that this host's policy sets for what the lanes do. Written by whoever reads the policy.
public struct HostLimits: Fact {
    /// Seconds between SIGTERM and SIGKILL at most, whatever a container was promised; nil: no bound.
    public var stopTimeout: Int?

    public init() {}
}

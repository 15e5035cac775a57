public import Convergence

/// Which Node this host serves, and the original names of its objects. Written by the host controller.
public struct HostIdentity: Fact {
    /// The name of this host's Node.
    public var node = ""
    public var identities = Identities()
    /// The message that this host's name differs from that of its Node, and what to do; nil when they are equal.
    public var nameChange: String?

    public init() {}

    /// The name that this host's Node had when its containers were created.
    public var originalNode: String { identities.original(ofNode: node) }
}

/// Limits that this host's policy sets for the lanes. Written by the host controller.
public struct HostLimits: Fact {
    /// Upper limit of seconds between SIGTERM and SIGKILL, whatever a container was promised; nil: no limit.
    public var stopTimeout: Int?

    public init() {}
}

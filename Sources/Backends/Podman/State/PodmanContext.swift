public import HostState

/// What the comparison of Podman needs besides Podman.
public struct PodmanContext: Sendable {
    /// This host's own Node name, for conflicts.
    public var node: String
    /// nil: not observed yet, so that nothing is created or started.
    public var kernel: ObservedKernel?
    public var desiredKernel: DesiredKernel
    /// Images (by reference) that were pulled recently enough for policy Always.
    public var freshImages: Set<String>
    /// The names of containers that Podman restarts continuously.
    public var looping: Set<String> = []
    /// Images that could not be pulled, and are not to be tried again yet.
    public var restingImages: Set<String> = []
    /// Objects that must not be changed.
    public var frozen: FrozenObjects
    /// Upper limit of seconds between SIGTERM and SIGKILL, whatever a container was promised; nil: no limit.
    public var stopTimeoutLimit: Int?

    public init(
        node: String, kernel: ObservedKernel? = nil, desiredKernel: DesiredKernel = .init(),
        freshImages: Set<String> = [], frozen: FrozenObjects = .init(), stopTimeoutLimit: Int? = nil
    ) {
        self.stopTimeoutLimit = stopTimeoutLimit
        self.node = node
        self.kernel = kernel
        self.desiredKernel = desiredKernel
        self.freshImages = freshImages
        self.frozen = frozen
    }
}

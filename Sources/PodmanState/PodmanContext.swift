public import HostState

/// What Podman's comparison must know beside Podman.
public struct PodmanContext: Sendable {
    /// This host's own Node name, for conflicts.
    public var node: String
    /// nil: not observed yet; then nothing is created or started.
    public var kernel: ObservedKernel?
    public var desiredKernel: DesiredKernel
    /// Images (by reference) pulled since a container with policy Always wanted them.
    public var freshImages: Set<String>
    /// What is left as it stands.
    public var frozen: FrozenObjects
    /// Seconds between SIGTERM and SIGKILL at most, whatever a container was promised; nil: no bound.
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

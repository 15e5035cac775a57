public import HostState
public import NetAddress

/// Compares what a host has with what it must have, and puts the difference in an order that leaves no hole.
///
/// Pure and synchronous. Equal states give no changes. The kernel and Podman converge on their own schedules: each
/// comparison sees the other's last observation in its context and holds back what must wait for it.
public enum Differ {
    /// What rtnetlink, WireGuard and `/proc/sys` have to do, adds before deletes.
    ///
    /// `observed.sysctls` must have been asked for the keys of `desired.sysctls` and of `inventory.sysctlsBefore`.
    public static func kernelChanges(
        from observed: ObservedKernel, to desired: DesiredKernel, inventory: Inventory, context: KernelContext
    ) -> ChangeSet {
        var difference = KernelDifference(
            observed: observed, desired: desired, inventory: inventory, context: context)
        return difference.compute()
    }

    /// What Podman has to do.
    ///
    /// - Parameter inventory: with the ids of what is ours in `observed` adopted (`Inventory.adopt`): nothing else is.
    public static func podmanChanges(
        from observed: ObservedPodman, to desired: DesiredPodman, inventory: Inventory, context: PodmanContext
    ) -> ChangeSet {
        var difference = PodmanDifference(
            observed: observed, desired: desired, inventory: inventory, context: context)
        return difference.compute()
    }
}

/// What the kernel's comparison must know beside the kernel.
public struct KernelContext: Sendable {
    public enum PodmanView: Hashable, Sendable, Codable {
        /// Not observed yet.
        case unknown
        /// Does not answer; the kernel goes ahead without it.
        case unavailable
        case observed(ObservedPodman)
    }

    public var podman: PodmanView
    public var desiredPodman: DesiredPodman
    /// For the freshness of handshakes.
    public var clock: HandshakeClock
    /// Endpoint names (lower-case DNS names) with the addresses that they resolve to, best first.
    public var resolved: [String: [IPAddress]]
    /// Peers whose endpoint text the author changed in this generation: written once, even over a fresh handshake.
    public var editedEndpoints: Set<TunnelPeer>
    /// Containers seen newly running, to be announced on their bridge.
    public var arrived: [DesiredContainer]
    /// What is left as it stands.
    public var frozen: FrozenObjects
    /// The indexes of links that were seen with our mark, by name: a mark that is written over is put back.
    public var ownLinks: [String: Int32]

    public init(
        podman: PodmanView = .unknown, desiredPodman: DesiredPodman = .init(),
        clock: HandshakeClock = .init(now: 0), resolved: [String: [IPAddress]] = [:],
        editedEndpoints: Set<TunnelPeer> = [], arrived: [DesiredContainer] = [], frozen: FrozenObjects = .init(),
        ownLinks: [String: Int32] = [:]
    ) {
        self.podman = podman
        self.desiredPodman = desiredPodman
        self.clock = clock
        self.resolved = resolved
        self.editedEndpoints = editedEndpoints
        self.arrived = arrived
        self.frozen = frozen
        self.ownLinks = ownLinks
    }
}

/// A peer of one device: a node has one key in all its overlays, but an endpoint in each.
public struct TunnelPeer: Hashable, Sendable {
    public var interface: String
    public var publicKey: PublicKey

    public init(interface: String, publicKey: PublicKey) {
        self.interface = interface
        self.publicKey = publicKey
    }
}

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

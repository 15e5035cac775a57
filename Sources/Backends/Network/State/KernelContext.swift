public import HostState
public import NetAddress

/// What the comparison of the kernel needs besides the kernel.
public struct KernelContext: Sendable {
    public var podman: PodmanView
    public var desiredPodman: DesiredPodman
    /// For the freshness of handshakes.
    public var clock: HandshakeClock
    /// Endpoint names (lower-case DNS names) with the addresses that they resolve to, best first.
    public var resolved: [String: [IPAddress]]
    /// Peers whose endpoint text the author changed in this generation: written once, even over a fresh handshake.
    public var editedEndpoints: Set<TunnelPeer>
    /// Containers that started to run, to be announced on their bridge.
    public var arrived: [DesiredContainer]
    /// Objects that must not be changed.
    public var frozen: FrozenObjects
    /// The indexes of links that were observed with our mark, by name: an overwritten mark is restored.
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

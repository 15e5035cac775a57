public import HostState
public import NetAddress

/// What only this host can know, handed to the planner as plain values.
public struct HostFacts: Hashable, Sendable, Codable {
    /// This host's own Node name.
    public var node: String
    /// Public keys that stand in for the manifests' (the lab's map), by node name.
    public var publicKeys: [String: PublicKey]
    /// Our own public key; nil when there is none yet.
    public var ownPublicKey: PublicKey?
    /// Bytes: the smallest MTU on the way to any endpoint as first found. Interfaces and Podman networks are sized by it.
    public var underlayMTU: UInt32
    /// Bytes: the MTU on the way to the address of an endpoint, as it is now. An address without a route is absent.
    public var pathMTUs: [IPAddress: UInt32]
    /// Names of endpoints, resolved.
    public var resolved: [String: [IPAddress]]
    /// Overlays whose host-level conflict (a clash with a host route, a taken port) bars them here, with the reason.
    public var barredOverlays: [String: String]
    /// What this host's policy holds: no part of the plan, and left as it stands.
    public var frozen: FrozenObjects
    /// The names that what exists was made with, where manifests have renamed its owners since.
    public var identities: Identities

    public init(
        node: String, publicKeys: [String: PublicKey] = [:], ownPublicKey: PublicKey? = nil,
        underlayMTU: UInt32 = 1500, pathMTUs: [IPAddress: UInt32] = [:], resolved: [String: [IPAddress]] = [:],
        barredOverlays: [String: String] = [:], frozen: FrozenObjects = .init(),
        identities: Identities = .init()
    ) {
        self.node = node
        self.publicKeys = publicKeys
        self.ownPublicKey = ownPublicKey
        self.underlayMTU = underlayMTU
        self.pathMTUs = pathMTUs
        self.resolved = resolved
        self.barredOverlays = barredOverlays
        self.frozen = frozen
        self.identities = identities
    }
}

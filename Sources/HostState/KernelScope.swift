public import NetAddress

/// A part of a host's kernel state, by key: what one change concerns.
public struct KernelScope: Hashable, Sendable {
    /// By interface.
    public var peers: [String: Set<PublicKey>]
    /// Of routes.
    public var destinations: Set<CIDR>
    public var proxyNeighbours: Set<ProxyNeighbour>

    public init(
        peers: [String: Set<PublicKey>] = [:], destinations: Set<CIDR> = [], proxyNeighbours: Set<ProxyNeighbour> = []
    ) {
        self.peers = peers
        self.destinations = destinations
        self.proxyNeighbours = proxyNeighbours
    }

    public var isEmpty: Bool { self == KernelScope() }
}

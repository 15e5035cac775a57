public import NetAddress

/// What one look at a host shows of who has what. It stands in for history where there is none.
public struct Evidence: Hashable, Sendable {
    /// What the tunnels of this host lead to each peer: its allowed IPs.
    public var peers: [PublicKey: Set<CIDR>]
    /// Public keys that stand in for the manifests', by Node.
    public var keys: [String: PublicKey]
    /// The Node that this host is, where no public key tells.
    public var node: String
    /// nil when this host has no key yet.
    public var ownKey: PublicKey?
    /// The addresses on this host's own links and of its own running containers.
    public var ownAddresses: Set<IPAddress>
    /// The subnets that each overlay has on this host, by the name that its links are marked with.
    public var subnets: [String: Set<CIDR>]
    /// The overlay that each Podman network is marked with, by the network's name.
    public var networks: [String: String]

    public init(
        peers: [PublicKey: Set<CIDR>] = [:], keys: [String: PublicKey] = [:], node: String = "",
        ownKey: PublicKey? = nil, ownAddresses: Set<IPAddress> = [], subnets: [String: Set<CIDR>] = [:],
        networks: [String: String] = [:]
    ) {
        self.peers = peers
        self.keys = keys
        self.node = node
        self.ownKey = ownKey
        self.ownAddresses = ownAddresses
        self.subnets = subnets
        self.networks = networks
    }

    /// The part of a version's claims that the host carries.
    func carried(of version: ResourceVersion) -> Claims {
        let name = version.key.name
        guard let node = version.content.node else {
            let subnets = subnets[name] ?? []
            return version.claims.part(
                publicKey: false, networkName: version.claims.networkName.map { networks[$0] == name } ?? false,
                addresses: { _ in false }, ranges: { $0.role == .subnet && subnets.contains($0.cidr) })
        }
        let key = keys[name] ?? node.spec.publicKey
        let allowed = key.flatMap { peers[$0] } ?? []
        let isOwn = key.map { $0 == ownKey } ?? (name == self.node)
        let has = { (address: IPAddress) in
            allowed.contains(address.hostCIDR) || isOwn && ownAddresses.contains(address)
        }
        return version.claims.part(
            publicKey: version.claims.addresses.contains { has($0.thing.address) }, networkName: false,
            addresses: { has($0.address) }, ranges: { $0.role == .route && allowed.contains($0.cidr) })
    }
}

extension Contenders {
    /// Lets what the host carries stand in for history, of resources that have none.
    mutating func note(_ evidence: Evidence) {
        put(
            all.compactMap { contender in
                guard contender.lastGood == nil, let fresh = contender.fresh else { return nil }
                var noted = contender
                noted.carried = evidence.carried(of: fresh)
                return noted
            })
    }
}

public import HostState
public import NetAddress
public import Resources

extension Identities {
    /// Reads the names that what is on a host was made with from its marks, when the records of them are lost.
    ///
    /// - Parameters:
    ///   - resources: what is live.
    ///   - node: the Node that the host serves.
    ///   - ownKey: the host's public key; nil when it has none.
    ///   - publicKeys: public keys that stand in for the manifests', by Node.
    ///   - podman: nil when Podman could not be asked.
    public init(
        recoveredFrom kernel: ObservedKernel, _ podman: ObservedPodman?, resources: ResourceSet, node: String,
        ownKey: PublicKey?, publicKeys: [String: PublicKey] = [:]
    ) {
        self.init()
        guard let own = resources.nodes.first(where: { $0.metadata.name == node }) else { return }
        for overlay in resources.overlays {
            let name = overlay.metadata.name
            guard let membership = own.spec.overlays.first(where: { $0.name == name }) else { continue }
            let interface = membership.interface ?? overlay.spec.wireguard.interface
            guard let original = kernel.links[interface]?.alias.flatMap(OwnershipMark.overlay(ofAlias:)),
                original != name,
                kernel.addresses.contains(where: {
                    $0.interface == interface && membership.addresses.contains($0.address)
                })
            else { continue }
            overlays[name] = original
        }
        guard let maker = podman?.maker, maker != node else { return }
        // A Node of that name that may be this host is no other host's: nothing is taken over from it.
        let isAnotherHost =
            resources.nodes.first { $0.metadata.name == maker }.map { other in
                (publicKeys[maker] ?? other.spec.publicKey).map { $0 != ownKey } ?? false
            } ?? true
        if isAnotherHost { self.node = maker }
    }
}

extension ObservedPodman {
    /// The Node that our networks and containers here were made for, by their labels; nil when there is none, or when
    /// they name several.
    public var maker: String? {
        let networks = networks.values.filter { $0.labels[OwnershipMark.overlayLabel] != nil }
        let containers = containers.values.filter { $0.labels[OwnershipMark.nameLabel] == $0.name }
        // Anybody can write labels; a seal is this host's. Only what an older release made has none.
        let sealed =
            networks.filter { $0.sealNonce != nil }.map(\.labels)
            + containers.filter { $0.sealNonce != nil }.map(\.labels)
        let labels = sealed.isEmpty ? networks.map(\.labels) + containers.map(\.labels) : sealed
        let makers = Set(labels.compactMap { $0[OwnershipMark.nodeLabel] })
        return makers.count == 1 ? makers.first : nil
    }
}

internal import NetAddress

extension ObservedPodman {
    /// The containers with an address on a network, sorted by name.
    public func attached(to network: ObservedNetwork) -> [ObservedContainer] {
        containers.values.filter { container in
            container.addresses.contains { address in network.subnets.contains { $0.subnet.contains(address) } }
        }.sorted { $0.name < $1.name }
    }

    /// Whether we must not remove a network: a foreign or frozen one, or one to which such a container is attached.
    public func isStuck(_ network: ObservedNetwork, inventory: Inventory, frozen: FrozenObjects) -> Bool {
        let names = inventory.containerNames
        return !inventory.owns(network) || frozen.contains(network)
            || attached(to: network).contains { names[$0.id].map(frozen.containers.contains) ?? true }
    }
}

extension ObservedNetwork {
    /// Whether Podman refuses one of the two while the other exists: the same bridge, or overlapping subnets.
    public func isRival(of other: DesiredNetwork) -> Bool {
        bridge == other.bridge
            || subnets.contains { mine in other.subnets.contains { $0.subnet.overlaps(mine.subnet) } }
    }
}

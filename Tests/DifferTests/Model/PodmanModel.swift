import HostState
import NetAddress
import PodmanState

/// Podman as far as the differ knows it, with its refusals; the kernel beside it is what it checks against.
struct PodmanModel {
    var state = ObservedPodman()
    private var nextID = 0

    /// - Parameter isStarted: whether a created container runs at once.
    mutating func apply(_ change: PodmanChange, kernel: KernelModel, isStarted: Bool) throws {
        switch change {
        case .createNetwork(let network): try create(network, kernel)
        case .removeNetwork(let name):
            guard let network = state.networks[name] else { throw Refused("no network \(name)") }
            guard attached(to: network).isEmpty else { throw Refused("network \(name) is being used") }
            state.networks[name] = nil
        case .pullImage(let container): state.images[container.image] = "sha256:\(container.image)"
        case .createContainer(let container): try create(container, kernel, isStarted: isStarted)
        case .startContainer(let container, let id):
            guard state.containers[container.name]?.id == id else { throw Refused("no container \(id)") }
            try checkArrival(container, kernel)
            state.containers[container.name]?.state = .running
        case .haltContainer(let container, _): state.containers[container.name]?.state = .exited
        case .restoreContainer(let container, let id, let faults):
            guard let found = state.containers.first(where: { $0.value.id == id }) else {
                throw Refused("no container \(id)")
            }
            state.containers[found.key] = nil
            state.containers[container.name] = found.value
            state.containers[container.name]?.name = container.name
            for case .withoutAddresses(let addresses) in faults {
                state.containers[container.name]?.liveAddresses?.formUnion(addresses)
            }
        case .removeContainer(let name, let id, _):
            guard state.containers[name]?.id == id else { throw Refused("no container \(name) \(id)") }
            state.containers[name] = nil
        }
    }

    func attached(to network: ObservedNetwork) -> [ObservedContainer] {
        state.containers.values.filter { container in
            container.addresses.contains { address in network.subnets.contains { $0.subnet.contains(address) } }
        }
    }

    private mutating func create(_ network: DesiredNetwork, _ kernel: KernelModel) throws {
        guard state.networks[network.name] == nil else { throw Refused("network \(network.name) exists") }
        for subnet in network.subnets.map(\.subnet) {
            if let address = kernel.state.addresses.first(where: { subnet.contains($0.address) }) {
                throw Refused("subnet \(subnet) is already used on the host by \(address.address)")
            }
            if state.networks.values.contains(where: { $0.subnets.contains { $0.subnet.overlaps(subnet) } }) {
                throw Refused("subnet \(subnet) is already used by a network")
            }
        }
        guard !state.networks.values.contains(where: { $0.bridge == network.bridge }) else {
            throw Refused("bridge in use")
        }
        nextID += 1
        state.networks[network.name] = ObservedNetwork(
            name: network.name, id: "id\(nextID)", bridge: network.bridge, subnets: network.subnets, mtu: network.mtu,
            isDNSEnabled: network.isDNSEnabled,
            labels: [
                OwnershipMark.overlayLabel: network.overlay, OwnershipMark.specHashLabel: network.specHash,
            ])
    }

    private mutating func create(_ container: DesiredContainer, _ kernel: KernelModel, isStarted: Bool) throws {
        guard state.containers[container.name] == nil else { throw Refused("container \(container.name) exists") }
        guard state.images[container.image] != nil else { throw Refused("no image \(container.image)") }
        try checkArrival(container, kernel)
        nextID += 1
        state.containers[container.name] = ObservedContainer(
            id: "id\(nextID)", name: container.name, image: container.image, state: isStarted ? .running : .created,
            labels: [
                OwnershipMark.nodeLabel: container.node, OwnershipMark.nameLabel: container.name,
                OwnershipMark.specHashLabel: container.specHash,
            ], addresses: Set(container.networks.flatMap(\.addresses)))
    }

    private func checkArrival(_ container: DesiredContainer, _ kernel: KernelModel) throws {
        for network in container.networks {
            guard let standing = state.networks[network.network] else { throw Refused("no network \(network.network)") }
            guard kernel.state.links[network.bridge] != nil else { throw Refused("no bridge \(network.bridge)") }
            for address in network.addresses {
                guard standing.subnets.contains(where: { $0.subnet.contains(address) }) else {
                    throw Refused("\(address) is in no subnet")
                }
                let other = state.containers.values.first {
                    $0.name != container.name && $0.isLive && $0.addresses.contains(address)
                }
                if let other { throw Refused("\(address) is taken by \(other.name)") }
                let isRemote = kernel.state.routes.contains {
                    $0.destination == address.hostCIDR && $0.interface != network.bridge
                }
                if isRemote { throw Refused("\(container.name) arrives while \(address) is still routed away") }
                if kernel.state.proxyNeighbours.contains(where: { $0.address == address }) {
                    throw Refused("dadfailed: \(address) of \(container.name) is proxied")
                }
            }
        }
    }
}

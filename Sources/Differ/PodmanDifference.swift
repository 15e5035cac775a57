import HostState
import NetAddress

/// One comparison of Podman; networks, containers and images are extensions in their own files.
struct PodmanDifference {
    let observed: ObservedPodman
    let desired: DesiredPodman
    let context: PodmanContext
    /// Addresses in the kernel's tunnel routes and proxy entries, with what holds them.
    let remoteAddresses: [IPAddress: String]
    /// Addresses of frozen containers that are there, with their names.
    let frozenHolders: [IPAddress: String]
    var result = ChangeSet()
    /// Why nothing may be created or started on a network now, by its name.
    var closedNetworks: [String: String] = [:]
    /// Containers of ours that go away in this set, by name.
    var removed: Set<String> = []
    /// Who takes an address in this set.
    var claims: [IPAddress: String] = [:]

    // The parts of the set, in their order.
    var networkTeardowns: [PodmanChange] = []
    var networkCreations: [PodmanChange] = []
    var pulls: [PodmanChange] = []
    var arrivals: [PodmanChange] = []
    /// What must go right before the container of that name comes.
    var replacements: [String: PodmanChange] = [:]
    var surplus: [PodmanChange] = []
    var networkRemovals: [PodmanChange] = []

    init(observed: ObservedPodman, desired: DesiredPodman, context: PodmanContext) {
        self.observed = observed
        self.desired = desired
        self.context = context
        remoteAddresses = PodmanDifference.remoteAddresses(context)
        var holders: [IPAddress: String] = [:]
        for name in context.frozen.containers {
            for address in observed.containers[name]?.addresses ?? [] { holders[address] = name }
        }
        frozenHolders = holders
    }

    mutating func compute() -> ChangeSet {
        compareNetworks()
        for container in desired.containers.sorted(by: { $0.name < $1.name }) where !removed.contains(container.name) {
            compare(container)
        }
        removeSurplusContainers()
        holdTakenAddresses()
        removeSurplusNetworks()
        emitInOrder()
        return result
    }

    /// What is new comes before what goes, because a stop may take its whole timeout; but a container that holds an
    /// address which another one takes goes first.
    private mutating func emitInOrder() {
        emit(networkTeardowns + networkCreations)
        let removals = replacements.values.sorted { $0.containerName < $1.containerName } + surplus
        let urgent = removals.filter { change in
            let addresses = observed.containers[change.containerName]?.addresses ?? []
            return addresses.contains { claims[$0].map { $0 != change.containerName } ?? false }
        }
        let early = Set(urgent.map(\.containerName))
        emit(urgent + pulls)
        for change in arrivals {
            if let removal = replacements[change.containerName], !early.contains(change.containerName) {
                emit([removal])
            }
            emit([change])
        }
        emit(surplus.filter { !early.contains($0.containerName) } + networkRemovals)
    }

    private mutating func emit(_ changes: [PodmanChange]) { result.changes += changes.map { .podman($0) } }

    mutating func hold(_ change: PodmanChange, _ reason: String) {
        result.held.append(HeldChange(.podman(change), reason: reason))
    }

    /// Whether a container carries our marks; a frozen one is treated as a foreign one.
    func isOurs(_ container: ObservedContainer) -> Bool {
        container.labels[OwnershipMark.nodeLabel] == context.node && container.labels[OwnershipMark.nameLabel] != nil
            && !context.frozen.containers.contains(container.name)
    }

    /// As for a container.
    func isOurs(_ network: ObservedNetwork) -> Bool { network.isOurs && !context.frozen.contains(network) }

    private static func remoteAddresses(_ context: PodmanContext) -> [IPAddress: String] {
        guard let kernel = context.kernel else { return [:] }
        var result: [IPAddress: String] = [:]
        let bridges = Set(context.desiredKernel.links.filter { $0.kind == .bridge }.map(\.name))
        for route in kernel.routes
        where route.protocolNumber == OwnershipMark.routeProtocol && route.destination.isHost {
            if let interface = route.interface, bridges.contains(interface) { continue }
            result[route.destination.address] = "route"
        }
        for entry in kernel.proxyNeighbours where bridges.contains(entry.interface) {
            result[entry.address] = "proxy neighbour entry"
        }
        return result
    }
}

extension PodmanChange {
    /// The container that it concerns; empty for a network.
    var containerName: String {
        switch self {
        case .createNetwork, .removeNetwork: ""
        case .pullImage(let container), .createContainer(let container), .startContainer(let container, _):
            container.name
        case .stopContainer(let name, _, _), .removeContainer(let name, _, _): name
        }
    }
}

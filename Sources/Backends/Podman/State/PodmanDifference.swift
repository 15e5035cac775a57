public import Convergence
public import HostState
import NetAddress

extension Differ {
    /// The changes that Podman needs.
    ///
    /// - Parameter inventory: must have adopted the ids of our objects in `observed` (`Inventory.adopt`).
    public static func podmanChanges(
        from observed: ObservedPodman, to desired: DesiredPodman, inventory: Inventory, context: PodmanContext
    ) -> ChangeSet<PodmanChange> {
        var difference = PodmanDifference(
            observed: observed, desired: desired, inventory: inventory, context: context)
        return difference.compute()
    }
}

/// One comparison of Podman; networks, containers and images are extensions in their own files.
struct PodmanDifference {
    let observed: ObservedPodman
    let desired: DesiredPodman
    let context: PodmanContext
    /// The names in the manifests of existing containers of ours, by id: a renamed one has another name in Podman.
    let ownNames: [String: String]
    /// The existing containers of ours, by those names.
    let own: [String: ObservedContainer]
    let ownNetworks: Set<String>
    /// What the containers of ours were made with, by their names in the manifests.
    let specs: [String: RecordedSpec]
    /// Addresses in the kernel's tunnel routes and proxy entries, with the kind of entry.
    let remoteAddresses: [IPAddress: String]
    /// Addresses of existing frozen containers, with their names.
    let frozenHolders: [IPAddress: String]
    var result = ChangeSet<PodmanChange>()
    /// Why nothing may be created or started on a network now, by its name.
    var closedNetworks: [String: String] = [:]
    /// Of these the ones that exist and cannot be made again yet: they carry their containers as before.
    var standingNetworks: Set<String> = []
    /// Containers of ours that this set removes, by name.
    var removed: Set<String> = []
    /// The container that gets an address in this set.
    var claims: [IPAddress: String] = [:]

    // The parts of the set, in their order.
    var networkTeardowns: [PodmanChange] = []
    var networkCreations: [PodmanChange] = []
    var halts: [PodmanChange] = []
    var pulls: [PodmanChange] = []
    var arrivals: [PodmanChange] = []
    /// Removals that must succeed before the container of that name is created.
    var replacements: [String: PodmanChange] = [:]
    var surplus: [PodmanChange] = []
    var networkRemovals: [PodmanChange] = []

    init(observed: ObservedPodman, desired: DesiredPodman, inventory: Inventory, context: PodmanContext) {
        self.observed = observed
        let names = inventory.containerNames
        ownNames = names
        own = Dictionary(
            observed.containers.values.compactMap { container in names[container.id].map { ($0, container) } }
        ) { first, _ in first }
        ownNetworks = inventory.networkIDs
        specs = inventory.containers.compactMapValues(\.spec)
        self.desired = desired
        self.context = context
        remoteAddresses = PodmanDifference.remoteAddresses(context)
        var holders: [IPAddress: String] = [:]
        for name in context.frozen.containers {
            let standing = own[name] ?? observed.containers[name]
            for address in standing?.addresses ?? [] { holders[address] = name }
        }
        frozenHolders = holders
    }

    mutating func compute() -> ChangeSet<PodmanChange> {
        compareNetworks()
        for container in desired.containers.sorted(by: { $0.name < $1.name }) {
            if removed.contains(container.name) {
                postpone(.createContainer(container), reasonToBeMadeAgain(container))
            } else {
                compare(container)
            }
        }
        removeSurplusContainers()
        holdTakenAddresses()
        removeSurplusNetworks()
        emitInOrder()
        return result
    }

    /// New objects come before removals, because removals may have to wait for one another; but a container with an
    /// address that another one gets is removed first. A replacement waits until its predecessor is gone: a removal may
    /// take the whole stop timeout, and runs beside the lane.
    private mutating func emitInOrder() {
        emit(networkTeardowns + networkCreations + halts)
        let removals = replacements.values.sorted { $0.containerName < $1.containerName } + surplus
        let urgent = removals.filter { change in
            let addresses = own[change.containerName]?.addresses ?? []
            return addresses.contains { claims[$0].map { $0 != change.containerName } ?? false }
        }
        let early = Set(urgent.map(\.containerName))
        emit(urgent + pulls)
        for change in arrivals {
            if let removal = replacements[change.containerName] {
                if !early.contains(change.containerName) { emit([removal]) }
                postpone(change, "waiting until the container that it replaces is gone")
            } else if let name = predecessor(of: change) {
                postpone(change, "waiting until container \(name) is gone")
            } else {
                emit([change])
            }
        }
        emit(surplus.filter { !early.contains($0.containerName) } + networkRemovals)
    }

    /// The container of ours that is being or will be removed, and that still has an address of a new one.
    private func predecessor(of change: PodmanChange) -> String? {
        let addresses = Set(change.attachments.flatMap(\.addresses))
        return own.filter { name, container in
            name != change.containerName && (removed.contains(name) || observed.removals[container.id] != nil)
                && container.isLive && !container.addresses.isDisjoint(with: addresses)
        }.keys.min()
    }

    private mutating func emit(_ changes: [PodmanChange]) { result.changes += changes }

    mutating func postpone(_ change: PodmanChange, _ reason: String) {
        result.waiting.append(WaitingChange(change, reason: reason))
    }

    /// Whether a container is ours, by its id; a frozen one is treated as a foreign one.
    func isOurs(_ container: ObservedContainer) -> Bool {
        ownNames[container.id].map { !context.frozen.containers.contains($0) } ?? false
    }

    /// Whether a network is ours, by its id; a frozen one is treated as a foreign one.
    func isOurs(_ network: ObservedNetwork) -> Bool {
        ownNetworks.contains(network.id) && !context.frozen.contains(network)
    }

    /// The name in the manifests of a container of ours; for any other, its name in Podman.
    func name(of container: ObservedContainer) -> String { ownNames[container.id] ?? container.name }

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
    /// The container of the change; empty for a network.
    var containerName: String {
        switch self {
        case .createNetwork, .removeNetwork: ""
        case .pullImage(let container), .createContainer(let container), .startContainer(let container, _),
            .haltContainer(let container, _), .restoreContainer(let container, _, _):
            container.name
        case .removeContainer(let name, _, _): name
        }
    }

    /// The networks of a container that the change creates or starts.
    var attachments: [DesiredContainer.Attachment] {
        switch self {
        case .createContainer(let container), .startContainer(let container, _): container.networks
        default: []
        }
    }
}

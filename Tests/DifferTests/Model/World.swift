import Convergence
import FleetModel
import HostState
import NetAddress
import NetworkState
import PodmanState

/// One host with its two lanes, each of which sees the other's last state.
struct World {
    var kernel = KernelModel()
    var podman = PodmanModel()
    var inventory = Inventory()
    var freshImages: Set<String> = []
    var writes = 0
    let resolved: [String: [IPAddress]] = ["site-c.example": [IPAddress(v4: 0xcb00_7107)]]

    func kernelChanges(_ desired: DesiredHost) -> ChangeSet<KernelChange> {
        Differ.kernelChanges(
            from: kernel.state, to: desired.kernel, inventory: inventory, context: context(desired))
    }

    func context(_ desired: DesiredHost) -> KernelContext {
        KernelContext(
            podman: .observed(podman.state), desiredPodman: desired.podman, clock: HandshakeClock(now: 1000),
            resolved: resolved, frozen: desired.frozen)
    }

    func podmanChanges(_ desired: DesiredHost) -> ChangeSet<PodmanChange> {
        Differ.podmanChanges(
            from: podman.state, to: desired.podman, inventory: inventory,
            context: PodmanContext(
                node: "n0", kernel: kernel.state, desiredKernel: desired.kernel, freshImages: freshImages,
                frozen: desired.frozen))
    }

    /// Applies one lane's changes; throws at the first that Linux would refuse or that breaks an order between lanes.
    mutating func applyKernel(_ changes: ChangeSet<KernelChange>, desired: DesiredHost) throws {
        let destinations = Set(desired.kernel.routes.map(\.destination))
        for change in changes.changes {
            let before = Set(kernel.state.routes.filter { destinations.contains($0.destination) }.map(\.destination))
            try check(change)
            if case .setSysctl(let sysctl, let value?) = change, inventory.sysctlsBefore[sysctl.key] == nil {
                inventory.sysctlsBefore[sysctl.key] = value
            }
            if case .createLink(let link) = change {
                inventory.links.insert(link.name)
                if case .veth(let peer) = link.kind { inventory.links.insert(peer) }
            }
            try kernel.apply(change)
            if case .deleteLink(let link) = change { inventory.links.remove(link.name) }
            let after = Set(kernel.state.routes.map(\.destination))
            guard before.isSubset(of: after) else {
                throw Refused("a hole: \(before.subtracting(after)) went with \(change.text)")
            }
            writes += 1
        }
    }

    mutating func applyPodman(
        _ changes: ChangeSet<PodmanChange>, desired: DesiredHost, random: inout SeededGenerator
    ) throws {
        for change in changes.changes {
            if let name = change.container, desired.frozen.containers.contains(name) {
                throw Refused("\(name) is frozen: \(change.text)")
            }
            if case .pullImage(let container) = change { freshImages.insert(container.image) }
            try podman.apply(change, kernel: kernel, isStarted: random.chance(50))
            if case .createContainer(let container) = change {
                freshImages.remove(container.image)
                inventory.containers[container.name] = OwnedObject(id: podman.state.containers[container.name]?.id)
            }
            if case .createNetwork(let network) = change {
                inventory.networks[network.name] = OwnedObject(id: podman.state.networks[network.name]?.id)
            }
            writes += 1
        }
    }

    /// A container that still runs here keeps its addresses: nothing may point elsewhere for them yet.
    private func check(_ change: KernelChange) throws {
        var address: IPAddress?
        switch change {
        case .addRoute(let route)
        where route.destination.isHost && kernel.state.links[route.interface]?.kind != "bridge":
            address = route.destination.address
        case .replaceRoute(let route, _)
        where route.destination.isHost && kernel.state.links[route.interface]?.kind != "bridge":
            // The peer may be another one, the way is the same.
            let isMoving = kernel.state.routes.contains {
                $0.destination == route.destination && $0.interface != route.interface && $0.protocolNumber == 87
            }
            address = isMoving ? route.destination.address : nil
        case .addProxyNeighbour(let entry): address = entry.address
        case .deleteLink(let link) where link.kind == "bridge":
            if podman.state.networks.values.contains(where: { $0.bridge == link.name }) {
                throw Refused("the bridge goes before its network")
            }
        default: break
        }
        guard let address else { return }
        let holder = podman.state.containers.values.first {
            $0.isLive && $0.addresses.contains(address) && inventory.owns($0)
        }
        if let holder { throw Refused("\(address) is routed away while \(holder.name) is live") }
    }

    /// Lets both lanes work in a random order until neither has anything to do.
    ///
    /// - Throws: `Refused` when that takes over 40 rounds.
    mutating func converge(_ desired: DesiredHost, random: inout SeededGenerator) throws {
        kernel.ask(desired.kernel.sysctls.map(\.key))
        for _ in 0..<40 {
            let isKernelFirst = random.chance(50)
            if isKernelFirst { try applyKernel(kernelChanges(desired), desired: desired) }
            try applyPodman(podmanChanges(desired), desired: desired, random: &random)
            if !isKernelFirst { try applyKernel(kernelChanges(desired), desired: desired) }
            if kernelChanges(desired).changes.isEmpty && podmanChanges(desired).changes.isEmpty { return }
        }
        let left = kernelChanges(desired).changes.map(\.text) + podmanChanges(desired).changes.map(\.text)
        throw Refused("no end in sight: \(left)")
    }
}

extension PodmanChange {
    /// The container that a change is about.
    fileprivate var container: String? {
        switch self {
        case .createNetwork, .removeNetwork: nil
        case .pullImage(let container), .createContainer(let container), .startContainer(let container, _),
            .haltContainer(let container, _), .restoreContainer(let container, _, _):
            container.name
        case .removeContainer(let name, _, _): name
        }
    }
}

import Convergence
import FleetModel
import HostState
import NetAddress
import NetworkState
import PodmanState
import TestSupport
import Testing

/// Random fleets, random drift, a model of Linux and Podman that refuses what they refuse: every state converges, in
/// an order without holes, and a second comparison finds nothing to do (invariants I3, I4, I7).
@Suite struct ConvergenceTests {
    @Test(arguments: 0..<20)
    func everySequenceConverges(batch: Int) throws {
        for number in 0..<50 {
            let seed = UInt64(batch * 50 + number)
            // Every second sequence drifts in its links only, where one thing done by hand meets the one before, while
            // authors change the overlay under them.
            do { try run(seed: seed, isOnLinks: number % 2 == 1) } catch { throw Refused("seed \(seed): \(error)") }
        }
    }

    private func run(seed: UInt64, isOnLinks: Bool) throws {
        var random = SeededGenerator(seed: seed)
        var fleet = RandomFleet()
        var world = World()
        world.podman.state.images = ["alpine:1": "a", "alpine:2": "b", "busybox": "c"]
        let foreign = Foreign(&world)
        for _ in 0..<4 {
            for _ in 0..<Int.random(in: 0...4, using: &random) { fleet.mutate(&random) }
            if isOnLinks { fleet.mutateOverlay(&random) }
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                if isOnLinks { world.driftLinks(&random) } else { world.drift(&random) }
            }
            let desired = fleet.desired()
            try world.converge(desired, random: &random)
            try expectConverged(world, desired)
            try foreign.expectUntouched(in: world)
        }
        try world.converge(DesiredHost(), random: &random)
        try expectNothingLeft(world)
        try foreign.expectUntouched(in: world)
    }

    private func expectConverged(_ world: World, _ desired: DesiredHost) throws {
        let (kernelSet, podmanSet) = (world.kernelChanges(desired), world.podmanChanges(desired))
        let held =
            kernelSet.waiting.map { "\($0.change.text): \($0.reason)" }
            + podmanSet.waiting.map { "\($0.change.text): \($0.reason)" }
        let allConflicts = kernelSet.conflicts + podmanSet.conflicts
        // Only an image that may never be pulled and is not here, and a frozen container, may stand in the way.
        let frozen = desired.frozen.containers
        let conflicts = allConflicts.filter {
            !$0.message.hasPrefix("ErrImageNeverPull") && (frozen.isEmpty || !$0.message.contains("kept as it is"))
        }
        if !conflicts.isEmpty { throw Refused("conflicts: \(conflicts)") }
        if frozen.isEmpty && allConflicts.isEmpty && !held.isEmpty { throw Refused("held: \(held)") }
        let kernel = world.kernel.state
        for link in desired.kernel.links where kernel.links[link.name]?.isUp != true {
            throw Refused("\(link.name) is not up")
        }
        for device in desired.kernel.devices {
            let peers = kernel.devices[device.interface]?.peers ?? [:]
            let same = device.peers.allSatisfy { peers[$0.publicKey]?.allowedIPs == Set($0.allowedIPs) }
            if !same || peers.count != device.peers.count { throw Refused("peers differ") }
        }
        guard held.isEmpty else { return }
        let routes = Set(kernel.routes.filter { $0.protocolNumber == 87 }.map(\.destination))
        if routes != Set(desired.kernel.routes.map(\.destination)) { throw Refused("routes differ") }
        if kernel.proxyNeighbours != Set(desired.kernel.proxyNeighbours) { throw Refused("proxies differ") }
        let sourced = kernel.routes.filter { $0.preferredSource != nil && $0.protocolNumber == 87 }.count
        if sourced != desired.kernel.routes.count { throw Refused("routes without a source") }
        let names = Set(desired.kernel.links.map(\.name))
        let addresses = Set(
            kernel.addresses.filter { names.contains($0.interface) }.map {
                DesiredAddress(
                    interface: $0.interface, address: $0.address, prefixLength: $0.prefixLength,
                    after: desired.kernel.addresses.first?.after)
            })
        if addresses != Set(desired.kernel.addresses) { throw Refused("addresses differ") }
        for sysctl in desired.kernel.sysctls where kernel.sysctls[sysctl.key] != sysctl.value {
            throw Refused("\(sysctl.key) differs")
        }
        try expectContainers(world, desired, canMiss: !allConflicts.isEmpty)
    }

    private func expectContainers(_ world: World, _ desired: DesiredHost, canMiss: Bool) throws {
        let containers = world.podman.state.containers.filter { $0.key != "foreign" }
        let wanted = Set(desired.podman.containers.map(\.name)).union(desired.frozen.containers)
        if !Set(containers.keys).isSubset(of: wanted) { throw Refused("surplus containers") }
        for container in desired.podman.containers where !canMiss {
            guard let standing = containers[container.name], standing.state == .running,
                standing.labels[OwnershipMark.specHashLabel] == container.specHash,
                standing.addresses == Set(container.networks.flatMap(\.addresses))
            else { throw Refused("\(container.name) is not as wanted") }
        }
    }

    private func expectNothingLeft(_ world: World) throws {
        let kernel = world.kernel.state
        let links = kernel.links.values.filter { $0.alias != nil }
        let routes = kernel.routes.filter { $0.protocolNumber == 87 }
        if !links.isEmpty || !routes.isEmpty { throw Refused("left in the kernel: \(links) \(routes)") }
        let containers = world.podman.state.containers.keys.filter { $0 != "foreign" }
        let networks = world.podman.state.networks.keys.filter { $0 != "foreign" }
        if !containers.isEmpty || !networks.isEmpty { throw Refused("left in Podman: \(containers) \(networks)") }
        for (key, value) in world.inventory.sysctlsBefore where kernel.sysctls[key] != nil {
            if kernel.sysctls[key] != value { throw Refused("sysctl \(key) was not put back") }
        }
    }
}

/// What belongs to others on the same host.
struct Foreign {
    let link = ObservedLink(index: 3, name: "docker0", kind: "bridge", mtu: 1500, isUp: true)
    let address = ObservedAddress(interface: "docker0", address: IPAddress(v4: 0xac11_0001), prefixLength: 16)
    let routes: [ObservedRoute]
    let container = ObservedContainer(
        id: "f", name: "foreign", image: "x", state: .running, addresses: [IPAddress(v4: 0xac11_0002)])

    init(_ world: inout World) {
        routes = [
            ObservedRoute(
                destination: CIDR(containing: IPAddress(v4: 0x0a09_0000), prefixLength: 16), interface: "docker0",
                protocolNumber: 4, metric: 0),
            // A destination that we want too, at a metric of its own.
            ObservedRoute(
                destination: IPAddress(v4: 0x0a00_0002).hostCIDR, interface: "eth0", protocolNumber: 3, metric: 500),
        ]
        world.kernel.state.links[link.name] = link
        world.kernel.state.addresses.append(address)
        world.kernel.state.routes += routes
        world.kernel.state.proxyNeighbours = []
        world.podman.state.containers["foreign"] = container
        world.podman.state.networks["foreign"] = ObservedNetwork(
            name: "foreign", bridge: "docker0", subnets: [], mtu: nil, isDNSEnabled: false, labels: [:])
    }

    func expectUntouched(in world: World) throws {
        let kernel = world.kernel.state
        let isThere =
            kernel.links[link.name] == link && kernel.addresses.contains(address)
            && routes.allSatisfy(kernel.routes.contains) && world.podman.state.containers["foreign"] == container
            && world.podman.state.networks["foreign"] != nil
        if !isThere { throw Refused("something foreign was touched") }
    }
}

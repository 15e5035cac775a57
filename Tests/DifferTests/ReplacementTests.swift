import Convergence
import HostState
import NetAddress
import PodmanState
import Testing

/// Why Podman's objects are made again: for `wgctl diff`.
@Suite struct ReplacementTests {
    private let address = IPAddress(v4: 0x0a00_000a)

    private func network(mtu: UInt32) throws -> DesiredNetwork {
        let subnet = try #require(CIDR("10.0.0.0/24"))
        return DesiredNetwork(
            name: "net", overlay: "net", bridge: "br0",
            subnets: [.init(subnet: subnet, gateway: IPAddress(v4: 0x0a00_0001))], mtu: mtu, isDNSEnabled: false)
    }

    private func container(timeZone: String) -> DesiredContainer {
        var container = DesiredContainer(name: "web", node: "host-a", image: "x")
        container.networks = [
            .init(network: "net", bridge: "br0", addresses: [address], macAddress: MACAddress(derivedFrom: "web"))
        ]
        container.environment = ["TZ": .literal(timeZone)]
        return container
    }

    private func changes(
        mtu: UInt32 = 1420, timeZone: String = "Europe/Prague", images: [String: String] = ["x": "1"],
        resting: Set<String> = [], isRecorded: Bool = true
    ) throws -> ChangeSet<PodmanChange> {
        let (before, standing) = (container(timeZone: "Europe/Prague"), try network(mtu: 1420))
        var podman = ObservedPodman()
        podman.images = images
        podman.networks["net"] = ObservedNetwork(
            name: "net", id: "n", bridge: "br0", subnets: standing.subnets, mtu: 1420, isDNSEnabled: false,
            labels: [OwnershipMark.specHashLabel: standing.specHash])
        podman.containers["web"] = ObservedContainer(
            id: "1", name: "web", image: "x", state: .running,
            labels: [OwnershipMark.specHashLabel: before.specHash], addresses: [address], liveAddresses: [address])
        var desired = DesiredPodman()
        desired.networks = [try network(mtu: mtu)]
        desired.containers = [container(timeZone: timeZone)]
        var inventory = Inventory()
        inventory.networks["net"] = OwnedObject(id: "n")
        inventory.containers["web"] = OwnedObject(id: "1", spec: isRecorded ? RecordedSpec(before) : nil)
        var kernel = ObservedKernel()
        kernel.links["br0"] = ObservedLink(
            index: 1, name: "br0", kind: "bridge", mtu: 1420, alias: "wgctl:net", isUp: true)
        var context = PodmanContext(node: "host-a", kernel: kernel)
        context.restingImages = resting
        return Differ.podmanChanges(from: podman, to: desired, inventory: inventory, context: context)
    }

    @Test func aContainerNamesTheFieldThatForcesIt() throws {
        let set = try changes(timeZone: "Europe/Vienna")
        #expect(
            set.replacements == [
                .container("web"): Replacement(fields: [FieldChange("env.TZ", "Europe/Prague", "Europe/Vienna")])
            ])
        // What an older release made is replaced all the same.
        #expect(
            try changes(timeZone: "Europe/Vienna", isRecorded: false).replacements == [
                .container("web"): Replacement()
            ])
        #expect(try changes().replacements.isEmpty)
    }

    @Test func aNetworkTakesItsContainersAlong() throws {
        let mtu = Replacement<PodmanObject>(fields: [FieldChange("mtu", "1420", "1300")])
        #expect(
            try changes(mtu: 1300).replacements == [
                .network("net"): mtu, .container("web"): Replacement(because: .network("net")),
            ])
        // Also while its containers' images are missing, when nothing is removed yet.
        let waiting = try changes(mtu: 1300, images: [:])
        #expect(waiting.replacements[.network("net")] == mtu)
        #expect(waiting.replacements[.container("web")]?.because == .network("net"))
        #expect(waiting.changes.map(\.operation) == [.pull])
    }

    /// An image that could not be pulled is no change until its next attempt: 160 events in ten seconds.
    @Test func aPullThatRestsIsNoChange() throws {
        #expect(try changes(timeZone: "Europe/Vienna", images: [:]).changes.map(\.operation) == [.pull])
        #expect(try changes(timeZone: "Europe/Vienna", images: [:], resting: ["x"]).changes.isEmpty)
    }
}

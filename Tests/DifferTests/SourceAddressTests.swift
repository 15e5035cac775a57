import Convergence
import HostState
import NetAddress
import NetworkState
import Testing

/// A tunnel that waits for its name keeps its routes: the kernel takes them away with the last copy of their source.
@Suite struct SourceAddressTests {
    private let source = IPAddress(v4: 0x0a00_0001)
    private let mark = "wgctl:net"

    /// The tunnel stands as `foo`, and routes with the source that another link alone has.
    private func observed(bridge: String) -> ObservedKernel {
        var observed = ObservedKernel()
        observed.links = [
            bridge: ObservedLink(index: 10, name: bridge, kind: "bridge", mtu: 1420, alias: mark, isUp: true),
            "foo": ObservedLink(index: 11, name: "foo", kind: "wireguard", mtu: 1420, alias: mark, isUp: true),
        ]
        observed.addresses = [ObservedAddress(interface: bridge, address: source, prefixLength: 24)]
        observed.routes = [
            ObservedRoute(
                destination: IPAddress(v4: 0x0a00_0014).hostCIDR, interface: "foo", preferredSource: source,
                protocolNumber: 87, metric: 0)
        ]
        return observed
    }

    private func changes(
        _ observed: ObservedKernel, addresses: [DesiredAddress] = [], podman: ObservedPodman = .init(),
        networks: [DesiredNetwork] = [], way: String = "wg0"
    ) -> ChangeSet<KernelChange> {
        var desired = DesiredKernel()
        desired.links = [
            DesiredLink(name: "br0", kind: .bridge, alias: mark),
            DesiredLink(name: "wg0", kind: .wireguard(.auto), alias: mark),
        ]
        desired.routes = [
            DesiredRoute(
                destination: IPAddress(v4: 0x0a00_0014).hostCIDR, interface: way, preferredSource: source)
        ]
        desired.addresses = addresses
        var desiredPodman = DesiredPodman()
        desiredPodman.networks = networks
        var inventory = Inventory()
        inventory.links = ["br0", "br-old", "wg0"]
        inventory.containers["p"] = OwnedObject(id: "p")
        return Differ.kernelChanges(
            from: observed, to: desired, inventory: inventory,
            context: KernelContext(podman: .observed(podman), desiredPodman: desiredPodman))
    }

    private let reason = "waiting until foo has its name back"

    @Test func anAddressStaysWhileRoutesOfARenamedLinkNeedIt() {
        let result = changes(observed(bridge: "br0"))
        #expect(result.changes.map(\.text) == ["rename link foo (-> wg0)"])
        #expect(result.waiting.map { $0.change.text } == ["delete address 10.0.0.1/24 (dev br0)"])
        #expect(result.waiting.map(\.reason) == [reason])
    }

    @Test func soDoesALinkWithSuchAnAddress() {
        let result = changes(observed(bridge: "br-old"))
        #expect(result.changes.map(\.text) == ["rename link foo (-> wg0)", "create link br0 (bridge)"])
        #expect(result.waiting.map { $0.change.text } == ["delete link br-old (bridge)"])
        #expect(result.waiting.map(\.reason) == [reason])
    }

    /// The way that stands is on a link to be deleted, the one that is wanted on the link that waits.
    @Test func aLinkThatCarriesARouteOfARenamedLinkStays() {
        var standing = observed(bridge: "br-old")
        standing.routes[0].interface = "br-old"
        standing.routes[0].preferredSource = nil
        let result = changes(standing)
        #expect(result.changes.map(\.text) == ["rename link foo (-> wg0)", "create link br0 (bridge)"])
        #expect(result.waiting.map { $0.change.text } == ["delete link br-old (bridge)"])
    }

    /// A container that is to leave its address may have it from here until then: to its bridge is not away.
    @Test func aRouteToABridgeWaitsForNoContainer() {
        var standing = observed(bridge: "br0")
        standing.routes[0].interface = "eth0"
        var podman = ObservedPodman()
        podman.containers["p"] = ObservedContainer(
            id: "p", name: "p", image: "x", state: .running, labels: [OwnershipMark.nodeLabel: "n"],
            addresses: [standing.routes[0].destination.address])
        let address = DesiredAddress(interface: "br0", address: source, prefixLength: 24)
        let result = changes(standing, addresses: [address], podman: podman, way: "br0")
        #expect(
            result.changes.map(\.text) == [
                "rename link foo (-> wg0)",
                "replace route 10.0.0.20/32 (dev eth0 src 10.0.0.1 -> dev br0 src 10.0.0.1)",
            ])
        #expect(result.waiting.isEmpty)
    }

    /// The container still runs, so its address is not routed away yet; its network is to be made again, so the source
    /// goes.
    @Test func aRouteThatWaitsForAContainerOutlivesItsSource() {
        let destination = IPAddress(v4: 0x0a00_0014)
        var standing = observed(bridge: "br0")
        standing.links["wg0"] = ObservedLink(
            index: 12, name: "wg0", kind: "wireguard", mtu: 1420, alias: mark, isUp: true)
        standing.links["foo"] = nil
        standing.routes[0].interface = "br0"
        var podman = ObservedPodman()
        podman.containers["p"] = ObservedContainer(
            id: "p", name: "p", image: "x", state: .running, labels: [OwnershipMark.nodeLabel: "n"],
            addresses: [destination])
        let network = DesiredNetwork(
            name: "n", overlay: "net", bridge: "br0", subnets: [], mtu: 1420, isDNSEnabled: false)
        let address = DesiredAddress(interface: "br0", address: source, prefixLength: 24, after: "n")
        let result = changes(standing, addresses: [address], podman: podman, networks: [network])
        #expect(
            result.changes.map(\.text) == [
                "replace route 10.0.0.20/32 (dev br0 src 10.0.0.1 -> dev br0)",
                "delete address 10.0.0.1/24 (dev br0)",
            ])
        #expect(result.waiting.map(\.reason).contains("waiting until container p has stopped"))
    }

    @Test func whereAnotherCopyStandsOrComesNothingWaits() {
        var standing = observed(bridge: "br0")
        standing.addresses.append(ObservedAddress(interface: "foo", address: source, prefixLength: 32))
        #expect(changes(standing).waiting.isEmpty)
        let other = DesiredAddress(interface: "br0", address: source, prefixLength: 25)
        #expect(
            changes(observed(bridge: "br0"), addresses: [other]).changes.map(\.text) == [
                "rename link foo (-> wg0)", "add address 10.0.0.1/25 (dev br0)",
                "delete address 10.0.0.1/24 (dev br0)",
            ])
    }
}

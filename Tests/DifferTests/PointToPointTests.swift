import Convergence
import HostState
import NetAddress
import NetworkState
import Testing

/// Addresses that differ by their far end are different ones.
@Suite struct PointToPointTests {
    private let near = IPAddress(v4: 0x0a00_0001)

    private func changes(_ addresses: [ObservedAddress]) -> [String] {
        var observed = ObservedKernel()
        observed.links["wg0"] = ObservedLink(
            index: 10, name: "wg0", kind: "wireguard", mtu: 1420, alias: "wgctl:net", isUp: true)
        observed.addresses = addresses
        var desired = DesiredKernel()
        desired.links = [DesiredLink(name: "wg0", kind: .wireguard(.kernel), alias: "wgctl:net")]
        desired.addresses = [DesiredAddress(interface: "wg0", address: near, prefixLength: 32)]
        return Differ.kernelChanges(
            from: observed, to: desired, inventory: Inventory(),
            context: KernelContext(podman: .observed(ObservedPodman()))
        ).changes.map(\.text)
    }

    @Test func oneWithAFarEndIsNotTheOneThatIsWanted() {
        let plain = ObservedAddress(interface: "wg0", address: near, prefixLength: 32)
        let other = ObservedAddress(
            interface: "wg0", address: near, prefixLength: 32, peer: IPAddress(v4: 0x0a00_000a))
        let delete = "delete address 10.0.0.1/32 (dev wg0, peer 10.0.0.10)"
        #expect(changes([plain]) == [])
        #expect(changes([other]) == ["add address 10.0.0.1/32 (dev wg0)", delete])
        for both in [[plain, other], [other, plain]] { #expect(changes(both) == [delete]) }
    }
}

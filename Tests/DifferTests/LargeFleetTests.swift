import Convergence
import HostState
import NetAddress
import NetworkState
import Planner
import Resources
import TestSupport
import Testing

/// Work grows with the fleet, not with its square: 10,000 peers must stay a matter of a moment.
@Suite struct LargeFleetTests {
    @Test func timeGrowsLinearly() throws {
        let small = try time(nodes: 1000)
        let large = try time(nodes: 8000)
        // Linear is 8, a square would be 64.
        #expect(large / small < 24, "1000 nodes: \(small), 8000 nodes: \(large)")
    }

    private func time(nodes: Int) throws -> Double {
        let fleet = fleet(nodes)
        let clock = ContinuousClock()
        let runs = try (0..<2).map { _ in
            try clock.measure {
                let desired = Planner.plan(
                    fleet, facts: HostFacts(node: "n0", ownPublicKey: fleet.nodes[0].spec.publicKey))
                var kernel = KernelModel()
                let fresh = changes(kernel.state, desired)
                // 2 for each peer (itself and its route), besides links, device, sysctls and addresses.
                #expect(fresh.changes.count == 2 * (nodes - 1) + 10)
                for link in desired.kernel.links { try kernel.create(link) }
                kernel.state.routes = desired.kernel.routes.map {
                    ObservedRoute(
                        destination: $0.destination, interface: $0.interface, preferredSource: $0.preferredSource,
                        protocolNumber: 87, metric: 0)
                }
                #expect(changes(kernel.state, desired).changes.count == nodes + 6)
            }
        }
        return (runs.min() ?? .zero) / .seconds(1)
    }

    private func changes(_ observed: ObservedKernel, _ desired: DesiredHost) -> ChangeSet<KernelChange> {
        Differ.kernelChanges(
            from: observed, to: desired.kernel, inventory: Inventory(),
            context: KernelContext(podman: .unavailable, desiredPodman: desired.podman))
    }

    private func fleet(_ count: Int) -> ResourceSet {
        let subnet = CIDR(containing: IPAddress(v4: 0x0a00_0000), prefixLength: 8)
        let nodes = (0..<count).map { index in
            let key = PublicKey(bytes: [UInt8](repeating: 1, count: 30) + [UInt8(index >> 8), UInt8(index & 255)])
            let address = IPAddress(v4: 0x0a00_0001 + UInt32(index))
            return Node(
                metadata: Metadata(name: "n\(index)"),
                spec: NodeSpec(publicKey: key, overlays: [OverlayMembership(name: "net", addresses: [address])]))
        }
        return ResourceSet(
            nodes: nodes, overlays: [Overlay(metadata: Metadata(name: "net"), spec: OverlaySpec(subnets: [subnet]))])
    }
}

import Convergence
import HostState
import NetAddress
import NetworkState
import Testing

/// A route of somebody else's beside ours, at the same metric: as `ip route prepend` makes one, which then comes first.
@Suite struct ForeignRouteTests {
    private func result(_ text: String, mtu: UInt32?, foreignMetric: UInt32? = nil) throws -> ChangeSet<KernelChange> {
        let destination = try #require(IPAddress(text)).hostCIDR
        let metric: UInt32 = destination.family == .v4 ? 0 : 1024
        var observed = ObservedKernel()
        observed.links = [
            "wg0": ObservedLink(index: 10, name: "wg0", kind: "wireguard", mtu: 1420, alias: "wgctl:net", isUp: true),
            "eth0": ObservedLink(index: 2, name: "eth0", kind: "", mtu: 1500, isUp: true),
        ]
        observed.routes = [
            ObservedRoute(
                destination: destination, interface: "eth0", protocolNumber: 4, metric: foreignMetric ?? metric),
            ObservedRoute(destination: destination, interface: "wg0", protocolNumber: 87, metric: metric),
        ]
        var desired = DesiredKernel()
        desired.links = [DesiredLink(name: "wg0", kind: .wireguard(.kernel), alias: "wgctl:net")]
        desired.routes = [DesiredRoute(destination: destination, interface: "wg0", mtu: mtu)]
        return Differ.kernelChanges(
            from: observed, to: desired, inventory: Inventory(),
            context: KernelContext(podman: .observed(ObservedPodman())))
    }

    @Test(arguments: ["10.0.0.20", "fd00::20"])
    func itIsToldThoughOursIsAsWanted(destination: String) throws {
        let result = try result(destination, mtu: nil)
        #expect(result.changes.isEmpty && result.waiting.isEmpty)
        let conflict = try #require(result.conflicts.first)
        #expect(conflict.owner == "net" && conflict.message.contains("dev eth0 (protocol 4) exists and is not ours"))
    }

    @Test(arguments: ["10.0.0.20", "fd00::20"])
    func oneElsewhereConcernsNobody(destination: String) throws {
        #expect(try result(destination, mtu: nil, foreignMetric: 77) == ChangeSet<KernelChange>())
    }

    /// IPv4's replacement takes the first of them, whoever's it is.
    @Test func oursIsNotReplacedMeanwhile() throws {
        let result = try result("10.0.0.20", mtu: 1300)
        #expect(result.changes.isEmpty && result.conflicts.count == 1)
        let replace = "replace route 10.0.0.20/32 (dev wg0 -> dev wg0 mtu 1300)"
        #expect(result.waiting.map { $0.change.text } == [replace])
    }

    /// IPv6's takes the oldest, which is ours: we add none where another stands.
    @Test func anIPv6RouteOfOursIsReplacedAllTheSame() throws {
        let result = try result("fd00::20", mtu: 1300)
        #expect(result.changes.count == 1 && result.waiting.isEmpty && result.conflicts.count == 1)
    }
}

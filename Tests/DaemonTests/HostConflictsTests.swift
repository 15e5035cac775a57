import HostState
import NetAddress
import Resources
import RouteNetlink
import Testing

@testable import Daemon

/// Which overlays a host leaves out because of its own routes and addresses.
@Suite struct HostConflictsTests {
    private static func live() throws -> ResourceSet {
        func overlay(_ name: String, _ subnet: String) throws -> Overlay {
            Overlay(metadata: Metadata(name: name), spec: OverlaySpec(subnets: [try CIDR(parsing: subnet)]))
        }
        let membership = OverlayMembership(name: "net", addresses: [try #require(IPAddress("10.0.0.1"))])
        return ResourceSet(
            nodes: [Node(metadata: Metadata(name: "host-a"), spec: NodeSpec(overlays: [membership]))],
            overlays: [try overlay("net", "10.0.0.0/24"), try overlay("elsewhere", "10.7.0.0/24")])
    }

    private static func conflicts(
        _ source: ForeignRoute.Source, _ prefix: String, standing: Set<String> = []
    ) throws -> HostConflicts {
        let foreign = ForeignRoute(source, try CIDR(parsing: prefix), interface: "eth0")
        return HostConflicts(
            try live(), node: "host-a", occupancy: .init(foreign: [foreign], standing: standing))
    }

    @Test(arguments: ["10.0.0.0/24", "10.0.0.0/8", "10.0.0.128/25", "10.0.0.7/32"])
    func anOverlapBarsAnOverlayThatDoesNotStand(prefix: String) throws {
        let conflicts = try Self.conflicts(.route, prefix)
        #expect(conflicts.overlapped.isEmpty && conflicts.barred.count == 1)
        let reason = try #require(conflicts.barred["net"])
        #expect(reason.contains("10.0.0.0/24 overlaps this host's route \(prefix) dev eth0"))
    }

    @Test func anOverlayThatStandsIsOnlyWarnedOf() throws {
        let conflicts = try Self.conflicts(.address, "10.0.0.0/24", standing: ["net"])
        #expect(conflicts.barred.isEmpty)
        #expect(conflicts.overlapped["net"]?.contains("address 10.0.0.0/24 dev eth0") == true)
    }

    @Test(arguments: ["10.0.1.0/24", "192.168.1.0/24", "fd00::/64", "10.7.0.0/24"])
    func whatLiesElsewhereOrInOverlaysOfOthersIsNoConflict(prefix: String) throws {
        #expect(try Self.conflicts(.route, prefix) == HostConflicts())
    }
}

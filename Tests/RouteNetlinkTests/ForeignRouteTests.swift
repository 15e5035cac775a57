import HostState
import NetAddress
import NetworkState
import RouteNetlink
import TestSupport
import Testing

/// What stands in an overlay's way on this host.
@Suite struct ForeignRouteTests {
    private func foreign(_ world: World, _ subnet: String) async throws -> [String] {
        try await world.backend.occupancy(overlapping: [cidr(subnet)]).foreign.map(\.description)
    }

    @Test func routesAndAddressesOfOthersAreFound() async throws {
        let world = try World()
        try world.namespace.ip("link", "add", "lan", "type", "bridge")
        try world.namespace.ip("link", "set", "lan", "up")
        try world.namespace.ip("address", "add", "172.16.0.1/12", "dev", "lan")
        try world.namespace.ip("route", "add", "10.0.0.0/24", "dev", "lan")
        try world.namespace.ip("route", "add", "blackhole", "10.1.0.0/16")
        try world.namespace.ip("address", "add", "fd00:1::1/64", "dev", "lan")
        #expect(try await foreign(world, "10.0.0.0/24") == ["route 10.0.0.0/24 dev lan"])
        #expect(try await foreign(world, "10.0.0.128/25") == ["route 10.0.0.0/24 dev lan"])
        #expect(try await foreign(world, "10.1.2.0/24") == ["route 10.1.0.0/16"])
        // The address and its connected route are one.
        #expect(try await foreign(world, "172.17.0.0/16") == ["address 172.16.0.0/12 dev lan"])
        #expect(try await foreign(world, "fd00:1::/48") == ["address fd00:1::/64 dev lan"])
        #expect(try await foreign(world, "10.0.1.0/24").isEmpty)
    }

    /// Docker's bridge without a container is down: it has an address and no route.
    @Test func anAddressOfALinkThatIsDownCounts() async throws {
        let world = try World()
        try world.namespace.ip("link", "add", "docker0", "type", "bridge")
        try world.namespace.ip("address", "add", "172.17.0.1/16", "dev", "docker0")
        #expect(try await foreign(world, "172.17.3.0/24") == ["address 172.17.0.0/16 dev docker0"])
    }

    /// After a reboot Podman may start a container, and so make the bridge, before wgd does.
    @Test func aLinkThatWeKnowAsOursIsNotForeign() async throws {
        let world = try World()
        try world.namespace.ip("link", "add", "br-wg0", "type", "bridge")
        try world.namespace.ip("address", "add", "10.0.0.1/24", "dev", "br-wg0")
        #expect(try await foreign(world, "10.0.0.0/24").count == 1)
        let known = try await world.backend.occupancy(overlapping: [cidr("10.0.0.0/24")], besides: ["br-wg0"])
        #expect(known.foreign.isEmpty)
    }

    @Test func defaultRoutesAndOurOwnDoNotCount() async throws {
        let world = try World()
        try world.namespace.ip("link", "add", "lan", "type", "bridge")
        try world.namespace.ip("link", "set", "lan", "up")
        for prefix in ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"] {
            try world.namespace.ip("route", "add", prefix, "dev", "lan")
        }
        try world.namespace.ip("-6", "route", "add", "default", "dev", "lan")
        try await world.makeBridge()
        try await world.backend.apply(
            .addAddress(DesiredAddress(interface: "br-wg0", address: address("10.0.0.1"), prefixLength: 24)))
        try await world.backend.apply(
            .addRoute(DesiredRoute(destination: cidr("10.0.0.20/32"), interface: "br-wg0")))
        // Marked by its protocol alone.
        try world.namespace.ip("route", "add", "10.0.0.21/32", "dev", "lan", "proto", "87")
        let occupancy = try await world.backend.occupancy(overlapping: [cidr("10.0.0.0/24"), cidr("fd00::/64")])
        #expect(occupancy.foreign.isEmpty, "\(occupancy.foreign)")
        #expect(occupancy.standing == ["net"])
    }
}

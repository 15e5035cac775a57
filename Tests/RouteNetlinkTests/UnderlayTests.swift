import HostState
import NetAddress
import RouteNetlink
import TestSupport
import Testing

@Suite struct UnderlayTests {
    /// Two links of 1500 and 1400 bytes, one of ours, and routes of every kind.
    private func world() throws -> World {
        let world = try World()
        for (name, mtu) in [("u0", "1500"), ("u1", "1400"), ("wgx", "1280")] {
            try world.namespace.ip("link", "add", name, "mtu", mtu, "type", "bridge")
            try world.namespace.ip("link", "set", name, "up")
        }
        try world.namespace.ip("link", "set", "wgx", "alias", "wgctl:net")
        try world.namespace.ip("addr", "add", "192.168.1.10/24", "dev", "u0")
        try world.namespace.ip("addr", "add", "fd01::1/64", "dev", "u1", "nodad")
        try world.namespace.ip("route", "add", "10.5.0.0/16", "dev", "wgx")
        try world.namespace.ip("route", "add", "192.168.9.0/24", "dev", "u0", "mtu", "1350")
        try world.namespace.ip("route", "add", "blackhole", "192.168.8.0/24")
        return world
    }

    private func mtus(_ world: World, _ texts: String...) async throws -> [UInt32?] {
        let addresses = try texts.map(address)
        let found = try await world.backend.pathMTUs(to: addresses)
        return addresses.map { found[$0] }
    }

    @Test func aPathCarriesWhatItsRouteOrItsLinkDoes() async throws {
        let world = try world()
        #expect(try await mtus(world, "192.168.1.20", "fd01::2", "192.168.9.5") == [1500, 1400, 1350])
        // The host itself, a tunnel of ours, a blackhole and nowhere do not count.
        #expect(
            try await mtus(world, "192.168.1.10", "10.5.1.1", "192.168.8.1", "172.31.0.1", "127.0.0.1")
                == [nil, nil, nil, nil, nil])
    }

    @Test func aRuleOfTheHostIsFollowed() async throws {
        let world = try world()
        try world.namespace.ip("route", "add", "192.168.1.0/24", "dev", "u0", "mtu", "1300", "table", "7")
        try world.namespace.ip("rule", "add", "to", "192.168.1.0/25", "lookup", "7")
        #expect(try await mtus(world, "192.168.1.20", "192.168.1.200") == [1300, 1500])
    }

    @Test func theOccupancyTellsThatAPathHasChanged() async throws {
        let world = try world()
        func version() async throws -> Int {
            try await world.backend.occupancy(overlapping: [cidr("10.0.0.0/24")]).underlay
        }
        var last = try await version()
        #expect(try await version() == last)
        // What is ours, and a link that no route leads to, change no path.
        try world.namespace.ip("route", "change", "10.5.0.0/16", "dev", "wgx", "mtu", "1200")
        try world.namespace.ip("link", "add", "u9", "type", "bridge")
        #expect(try await version() == last)
        for change in [
            ["route", "change", "192.168.9.0/24", "dev", "u0", "mtu", "1340"], ["link", "set", "u1", "mtu", "1390"],
            ["route", "add", "default", "via", "192.168.1.1"], ["route", "del", "blackhole", "192.168.8.0/24"],
        ] {
            try run(["ip", "-n", world.namespace.name] + change)
            let now = try await version()
            #expect(now != last, "\(change)")
            last = now
        }
    }
}

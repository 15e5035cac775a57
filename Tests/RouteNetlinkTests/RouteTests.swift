import HostState
import NetAddress
import NetworkState
import RouteNetlink
import TestSupport
import Testing

@Suite struct RouteTests {
    /// Two bridges with an address of each family: what routes lead to.
    private func world() async throws -> World {
        let world = try World()
        for name in ["br-a", "br-b"] {
            try await world.backend.apply(.createLink(DesiredLink(name: name, kind: .bridge, alias: "wgctl:net")))
        }
        let addresses = try ["10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"].map(address)
        for (address, name) in zip(addresses, ["br-a", "br-b", "br-a", "br-b"]) {
            let length = address.family.bitWidth
            try await world.backend.apply(
                .addAddress(DesiredAddress(interface: name, address: address, prefixLength: length)))
        }
        return world
    }

    @Test func aRouteIsWhatWasAskedFor() async throws {
        let world = try await world()
        for (destination, source) in [
            ("10.0.0.20/32", "10.0.0.1"), ("fd00::20/128", "fd00::1"), ("10.9.0.0/16", "10.0.0.1"),
        ] {
            let wanted = DesiredRoute(
                destination: try cidr(destination), interface: "br-a", preferredSource: try address(source), mtu: 1380)
            try await world.backend.apply(.addRoute(wanted))
            let found = try #require(try await world.observe().routes.first { $0.destination == wanted.destination })
            #expect(found.interface == "br-a" && found.preferredSource == wanted.preferredSource && found.mtu == 1380)
            #expect(found.protocolNumber == 87 && found.gateway == nil)
            #expect(found.metric == (wanted.destination.family == .v4 ? 0 : 1024))
            let family = wanted.destination.family == .v4 ? "-4" : "-6"
            let seen = try #require(try world.namespace.json(family, "route", "show", destination).first)
            #expect(seen["dev"] == "br-a" && seen["protocol"] == "87" && seen["prefsrc"] == source)
            #expect(seen["metrics.0.mtu"] == "1380")
            // Again is success, and it is still one.
            try await world.backend.apply(.addRoute(wanted))
            #expect(try world.namespace.json(family, "route", "show", destination).count == 1)
        }
        #expect(try await world.observe() == world.observe())
    }

    @Test(arguments: ["10.0.0.20/32", "fd00::20/128"])
    func replacingNeverDuplicates(_ destination: String) async throws {
        let world = try await world()
        let isIPv6 = destination.contains(":")
        let family = isIPv6 ? "-6" : "-4"
        var wanted = DesiredRoute(
            destination: try cidr(destination), interface: "br-a",
            preferredSource: try address(isIPv6 ? "fd00::1" : "10.0.0.1"))
        try await world.backend.apply(.addRoute(wanted))
        let versions = [
            ("br-b", isIPv6 ? "fd00::2" : "10.0.0.2", UInt32(1300)), ("br-b", nil, nil),
            ("br-a", isIPv6 ? "fd00::2" : "10.0.0.2", nil),
        ]
        for (interface, source, mtu) in versions {
            let before = try #require(try await world.observe().routes.first)
            wanted.interface = interface
            wanted.preferredSource = try source.map(address)
            wanted.mtu = mtu
            try await world.backend.apply(.replaceRoute(wanted, before: before))
            let routes = try await world.observe().routes
            #expect(routes.count == 1)
            #expect(routes.first?.interface == interface && routes.first?.mtu == mtu)
            #expect(routes.first?.preferredSource == wanted.preferredSource)
            #expect(try world.namespace.json(family, "route", "show", destination).count == 1)
        }
        // Changed by hand: another metric, and a gateway.
        let gateway = isIPv6 ? "fd00::99" : "10.0.0.99"
        for extra in [["metric", "77"], ["via", gateway, "onlink"]] {
            let before = try #require(try await world.observe().routes.first)
            try await world.backend.apply(.deleteRoute(before))
            let add = ["ip", "-n", world.namespace.name, family, "route", "add", destination] + extra
            try run(add + ["dev", "br-b", "proto", "87"])
            let found = try #require(try await world.observe().routes.first)
            try await world.backend.apply(.replaceRoute(wanted, before: found))
            let routes = try await world.observe().routes
            #expect(routes.count == 1, "after \(extra)")
            #expect(routes.first?.interface == "br-a" && routes.first?.gateway == nil)
        }
    }

    /// Such a route has neither one device nor one gateway to be deleted by.
    @Test(arguments: ["10.0.0.20/32", "fd00::20/128"])
    func aRouteOverSeveralWaysIsReplacedByOne(_ destination: String) async throws {
        let world = try await world()
        let ways = ["br-a", "br-b"].flatMap { name in
            ["nexthop"] + (destination.contains(":") ? ["via", "fe80::99"] : []) + ["dev", name]
        }
        let family = destination.contains(":") ? "-6" : "-4"
        try run(["ip", "-n", world.namespace.name, family, "route", "add", destination, "proto", "87"] + ways)
        let before = try #require(try await world.observe().routes.first)
        #expect(before.interface == nil && before.gateway == nil)
        let wanted = DesiredRoute(destination: try cidr(destination), interface: "br-a")
        try await world.backend.apply(.replaceRoute(wanted, before: before))
        #expect(try await world.observe().routes.map(\.interface) == ["br-a"])
    }

    @Test(arguments: ["10.0.0.20/32", "fd00::20/128"])
    func aForeignRouteIsShownWhenAskedForAndNeverReplacedByAnAddition(_ destination: String) async throws {
        let world = try await world()
        let family = destination.contains(":") ? "-6" : "-4"
        try world.namespace.ip(family, "route", "add", destination, "dev", "br-b")
        #expect(try await world.observe().routes.isEmpty)
        let seen = try await world.observe([], [cidr(destination)]).routes
        #expect(seen.map(\.protocolNumber) == [3])
        let wanted = DesiredRoute(destination: try cidr(destination), interface: "br-a")
        await #expect {
            try await world.backend.apply(.addRoute(wanted))
        } throws: { error in
            guard case .exists(_, let found)? = error as? RouteNetlinkError else { return false }
            return found.contains("dev br-b") && found.contains("protocol 3")
        }
        #expect(try await world.observe([], [cidr(destination)]).routes == seen)
    }

    @Test func deletingTakesJustThatRoute() async throws {
        let world = try await world()
        try world.namespace.ip("route", "add", "10.0.0.20/32", "dev", "br-b", "metric", "50")
        try world.namespace.ip("-6", "route", "add", "fd00::20/128", "dev", "br-b", "metric", "50")
        let wanted = try ["10.0.0.20/32", "fd00::20/128"].map {
            DesiredRoute(destination: try cidr($0), interface: "br-a")
        }
        for result in await world.backend.apply(wanted.map { .addRoute($0) }) { try result.get() }
        let ours = try await world.observe().routes
        #expect(ours.count == 2)
        for result in await world.backend.apply(ours.map { .deleteRoute($0) }) { try result.get() }
        #expect(try await world.observe([], Set(wanted.map(\.destination))).routes.map(\.metric) == [50, 50])
        // Gone already is fine.
        for result in await world.backend.apply(ours.map { .deleteRoute($0) }) { try result.get() }
    }

    /// The kernel has a route for each type of service beside the one for all packets.
    @Test func routesForATypeOfServiceAreToldApartAndDeletedAlone() async throws {
        let world = try await world()
        let destination = try cidr("10.0.0.20/32")
        try await world.backend.apply(.addRoute(DesiredRoute(destination: destination, interface: "br-a")))
        try world.namespace.ip("route", "add", "10.0.0.20/32", "tos", "0x10", "dev", "br-a")
        try world.namespace.ip("route", "add", "10.0.0.20/32", "tos", "0x08", "dev", "br-a", "proto", "87")
        let seen = try await world.observe([], [destination]).routes
        #expect(seen.map(\.typeOfService) == [nil, 0x08, 0x10] && seen.map(\.protocolNumber) == [87, 87, 3])
        try await world.backend.apply(.deleteRoute(seen[1]))
        #expect(try await world.observe([], [destination]).routes == [seen[0], seen[2]])
        try await world.backend.apply(.deleteRoute(seen[0]))
        #expect(try await world.observe([], [destination]).routes == [seen[2]])
    }

    @Test func tenThousandRoutesInOneGo() async throws {
        let world = try await world()
        let wanted = (0..<10_000).map { number in
            DesiredRoute(destination: IPAddress(v4: 0x0a01_0000 + UInt32(number)).hostCIDR, interface: "br-a")
        }
        let clock = ContinuousClock()
        let start = clock.now
        for result in await world.backend.apply(wanted.map { .addRoute($0) }) { try result.get() }
        let added = clock.now
        let observed = try await world.observe().routes
        let read = clock.now
        #expect(observed.map(\.destination) == wanted.map(\.destination))
        // Every one refused, and every refusal told and found to be harmless.
        for result in await world.backend.apply(wanted.map { .addRoute($0) }) { try result.get() }
        for result in await world.backend.apply(observed.map { .deleteRoute($0) }) { try result.get() }
        #expect(try await world.observe().routes.isEmpty)
        print("10,000 routes: added in \(added - start), read in \(read - added), all in \(clock.now - start)")
    }

    @Test func oneBadChangeStopsNoOther() async throws {
        let world = try await world()
        let changes: [KernelChange] = try [
            .addRoute(DesiredRoute(destination: cidr("10.0.0.20/32"), interface: "br-a")),
            .addRoute(DesiredRoute(destination: cidr("10.0.0.21/32"), interface: "nowhere")),
            .addRoute(
                DesiredRoute(
                    destination: cidr("10.0.0.22/32"), interface: "br-a", preferredSource: address("10.7.7.7"))),
            .addRoute(DesiredRoute(destination: cidr("10.0.0.23/32"), interface: "br-a")),
        ]
        let results = await world.backend.apply(changes)
        let succeeded = results.map { (try? $0.get()) != nil }
        #expect(succeeded == [true, false, false, true])
        guard case .failure(let error) = results[2] else { return }
        #expect("\(error)".hasPrefix("add route 10.0.0.22/32: "))
        #expect(try await world.observe().routes.map(\.destination) == [cidr("10.0.0.20/32"), cidr("10.0.0.23/32")])
    }
}

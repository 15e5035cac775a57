import HostState
import NetAddress
import NetworkState
import RouteNetlink
import TestSupport
import Testing

/// What somebody does by hand beyond deleting things: renames, claims, policy routing.
@Suite struct ByHandTests {
    private func routed() async throws -> World {
        let world = try World()
        try await world.makeBridge()
        for (destination, source) in [("10.0.0.20/32", "10.0.0.1"), ("fd00::20/128", "fd00::1")] {
            let address = try address(source)
            try await world.backend.apply(
                .addAddress(
                    DesiredAddress(
                        interface: "br-wg0", address: address, prefixLength: address.family.bitWidth)))
            try await world.backend.apply(
                .addRoute(DesiredRoute(destination: try cidr(destination), interface: "br-wg0")))
        }
        return world
    }

    /// Until a hint says `text`, or has more to say than it names one by one: what is waited for has been done before.
    private func told(by stream: AsyncStream<DriftHint>, _ text: String) async {
        for await hint in stream where hint.summary.contains(text) || hint.more > 0 { break }
    }

    /// Up again under another name: before Linux 6.2 that needs the link to be down, for us too.
    @Test(arguments: [true, false])
    func aRenamedLinkGetsItsNameBackWithAllThatHangsOnIt(isUp: Bool) async throws {
        let world = try await routed()
        let before = try await world.observe()
        let stream = world.backend.drift()
        try world.namespace.ip("link", "set", "br-wg0", "down")
        try world.namespace.ip("link", "set", "br-wg0", "name", "foo")
        if isUp { try world.namespace.ip("link", "set", "foo", "up") }
        await told(by: stream, "link foo")
        try await world.backend.apply(.renameLink(try await world.link("foo"), to: "br-wg0"))
        let after = try await world.link("br-wg0")
        #expect(after.index == before.links["br-wg0"]?.index && after.alias == "wgctl:net" && after.isUp == isUp)
        let isIPv4 = { (address: ObservedAddress) in address.address.family == .v4 }
        #expect(try await world.observe().addresses.filter(isIPv4) == before.addresses.filter(isIPv4))
        #expect(try await world.link("an-wg0").master == "br-wg0")
        // One of that name is somebody else's.
        try world.namespace.ip("link", "add", "other", "type", "bridge")
        await #expect(throws: RouteNetlinkError.self) {
            try await world.backend.apply(.renameLink(after, to: "other"))
        }
    }

    /// Between a look and what follows from it, the name has passed to a foreign link.
    @Test func nothingGoesOnAForeignLinkOfOurName() async throws {
        let world = try await routed()
        let before = try await world.observe()
        try world.namespace.ip("link", "set", "br-wg0", "down")
        try world.namespace.ip("link", "set", "br-wg0", "name", "foo")
        try world.namespace.ip("link", "add", "br-wg0", "type", "bridge")
        try world.namespace.ip("link", "set", "br-wg0", "up")
        try world.namespace.ip("addr", "add", "10.0.0.9/32", "dev", "br-wg0")
        let writes = await world.backend.writes
        let nine = try address("10.0.0.9")
        let foreign = try #require(try await world.observe().addresses.first { $0.address == nine })
        let changes: [KernelChange] = [
            .addAddress(DesiredAddress(interface: "br-wg0", address: try address("10.0.0.1"), prefixLength: 24)),
            .deleteAddress(foreign),
            .addRoute(DesiredRoute(destination: try cidr("10.0.0.30/32"), interface: "br-wg0")),
            .replaceRoute(
                DesiredRoute(destination: try cidr("10.0.0.20/32"), interface: "br-wg0"),
                before: try #require(before.routes.first)),
            .addProxyNeighbour(ProxyNeighbour(interface: "br-wg0", address: try address("fd00::30"))),
        ]
        for result in await world.backend.apply(changes) {
            #expect {
                try result.get()
            } throws: { error in
                if case .linkChanged("br-wg0", _, _)? = error as? RouteNetlinkError { true } else { false }
            }
        }
        #expect(await world.backend.writes == writes)
    }

    @Test func aLinkOfOursLeavesAMasterThatNobodyAskedFor() async throws {
        let world = try World()
        try await world.makeBridge()
        try world.namespace.ip("link", "add", "br9", "type", "bridge")
        try world.namespace.ip("link", "set", "an-wg0p", "master", "br9")
        let before = try await world.link("an-wg0p")
        #expect(before.master == "br9")
        let end = DesiredLink(name: "an-wg0p", kind: .veth(peer: "an-wg0"), alias: "wgctl:net")
        try await world.backend.apply(.updateLink(end, before: before))
        #expect(try await world.link("an-wg0p").master == nil)
    }

    @Test func theUsualRulesHideNothing() async throws {
        let world = try await routed()
        #expect(try await world.observe().shadows.isEmpty)
    }

    @Test(arguments: [
        ["-4", "to", "10.0.0.0/24", "lookup", "100"], ["-6", "to", "fd00::/64", "lookup", "100"],
        ["-4", "from", "all", "blackhole"], ["-6", "from", "all", "prohibit"],
    ])
    func aRuleThatHidesOurRoutesIsSeenAndOneThatDoesNotIsNot(_ rule: [String]) async throws {
        let world = try await routed()
        let family = rule[0]
        try world.namespace.ip("link", "add", "eth9", "type", "bridge")
        try world.namespace.ip("link", "set", "eth9", "up")
        let elsewhere = family == "-4" ? "10.0.0.0/8" : "fd00::/32"
        try world.namespace.ip(family, "route", "add", elsewhere, "dev", "eth9", "table", "100")
        // Others' marks and tables, a VRF (where the kernel has them): no packet of this host to an overlay meets them.
        try world.namespace.ip(family, "rule", "add", "pref", "90", "fwmark", "7", "lookup", "100")
        _ = try? world.namespace.ip("link", "add", "vrf1", "type", "vrf", "table", "100")
        #expect(try await world.observe().shadows.isEmpty)

        let stream = world.backend.drift()
        try run(["ip", "-n", world.namespace.name, family, "rule", "add", "pref", "100"] + rule.dropFirst())
        await told(by: stream, "routing rule 100 added")
        #expect(
            try await world.observe().shadows == [
                ObservedShadow(
                    destination: try cidr(family == "-4" ? "10.0.0.20/32" : "fd00::20/128"), interface: "br-wg0",
                    instead: rule.contains("lookup") ? .init(interface: "eth9", table: 100) : nil)
            ])
        try world.namespace.ip(family, "rule", "del", "pref", "100")
        #expect(try await world.observe().shadows.isEmpty)
    }

    @Test func withoutTheMainTablesRuleNothingGetsOut() async throws {
        let world = try await routed()
        try world.namespace.ip("rule", "del", "pref", "32766")
        let shadows = try await world.observe().shadows
        #expect(shadows.map(\.destination) == [try cidr("10.0.0.20/32")] && shadows.map(\.instead) == [nil])
    }

    /// The kernel has no notification for them: a look finds it, and that comes with the resync.
    @Test func aProxyEntryDeletedByHandIsMissed() async throws {
        let world = try World()
        try await world.makeBridge()
        let entry = ProxyNeighbour(interface: "br-wg0", address: try address("fd00::20"))
        try await world.backend.apply(.addProxyNeighbour(entry))
        try world.namespace.ip("-6", "neigh", "del", "proxy", "fd00::20", "dev", "br-wg0")
        #expect(try await world.observe().proxyNeighbours.isEmpty)
        try await world.backend.apply(.addProxyNeighbour(entry))
        #expect(try await world.observe().proxyNeighbours == [entry])
    }
}

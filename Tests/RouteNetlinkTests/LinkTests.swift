import HostState
import NetAddress
import NetworkState
import RouteNetlink
import TestSupport
import Testing

@Suite struct LinkTests {
    @Test func aBridgeIsMadeWholeMarkedAndUp() async throws {
        let world = try World()
        try await world.backend.apply(.createLink(World.bridge))
        let link = try await world.link("br-wg0")
        #expect(link.kind == "bridge")
        #expect(link.mtu == 1420)
        #expect(link.macAddress == MACAddress("02:00:00:00:00:01"))
        #expect(link.alias == "wgctl:net")
        #expect(link.isUp)
        let seen = try #require(try world.namespace.json("link", "show", "br-wg0").first)
        #expect(seen["ifalias"] == "wgctl:net")
        #expect(seen["address"] == "02:00:00:00:00:01")
        #expect(seen["mtu"] == "1420")
        #expect(seen["linkinfo.info_data.stp_state"] == "0")
        #expect(seen["linkinfo.info_data.forward_delay"] == "0")
        #expect(seen["linkinfo.info_data.mcast_snooping"] == "0")
    }

    @Test func anAnchorGivesTheBridgeACarrierAndAnswersNoARP() async throws {
        let world = try World()
        try await world.makeBridge()
        // The kernel works out what carries in the background.
        try await waitUntil("the anchor is up") {
            try world.namespace.json("link").contains { $0["ifname"] == "an-wg0" && $0["operstate"] == "UP" }
        }
        let seen = try world.namespace.json("link")
        let port = try #require(seen.first { $0["ifname"] == "an-wg0" })
        let far = try #require(seen.first { $0["ifname"] == "an-wg0p" })
        #expect(port["master"] == "br-wg0")
        #expect(far["ifalias"] == "wgctl:net")
        #expect(far["mtu"] == "1420")
        #expect(far.values.contains { $0.key.hasPrefix("flags.") && $0.value == "NOARP" })
        let bridge = try #require(seen.first { $0["ifname"] == "br-wg0" })
        #expect(bridge.values.contains { $0.key.hasPrefix("flags.") && $0.value == "LOWER_UP" })
        #expect(try await world.link("an-wg0").master == "br-wg0")
    }

    @Test func makingAgainWritesNothing() async throws {
        let world = try World()
        try await world.makeBridge()
        let before = try await world.observe()
        let writes = await world.backend.writes
        try await world.makeBridge()
        #expect(await world.backend.writes == writes)
        #expect(try await world.observe() == before)
    }

    @Test func whatDiffersIsSetAndNothingElse() async throws {
        let world = try World()
        try await world.makeBridge()
        try world.namespace.ip("link", "set", "br-wg0", "mtu", "1300", "promisc", "on", "alias", "x")
        try world.namespace.ip("link", "set", "br-wg0", "address", "02:00:00:00:00:99", "down")
        try world.namespace.ip("link", "set", "an-wg0", "nomaster")
        for link in [World.bridge, World.anchor] {
            try await world.backend.apply(.updateLink(link, before: try await world.link(link.name)))
        }
        let link = try await world.link("br-wg0")
        #expect(link.mtu == 1420 && link.alias == "wgctl:net" && link.isUp)
        #expect(link.macAddress == MACAddress("02:00:00:00:00:01"))
        #expect(try await world.link("an-wg0").master == "br-wg0")
        // A flag that we do not mean keeps its value.
        let seen = try #require(try world.namespace.json("link", "show", "br-wg0").first)
        #expect(seen.values.contains { $0.key.hasPrefix("flags.") && $0.value == "PROMISC" })
    }

    @Test func aReusedIndexARenamedLinkAndAForeignOneAreRefused() async throws {
        let world = try World()
        try await world.backend.apply(.createLink(World.bridge))
        let before = try await world.link("br-wg0")
        try world.namespace.ip("link", "set", "br-wg0", "down")
        try world.namespace.ip("link", "set", "br-wg0", "name", "other")
        let writes = await world.backend.writes
        for change in [KernelChange.updateLink(World.bridge, before: before), .deleteLink(before)] {
            await #expect {
                try await world.backend.apply(change)
            } throws: { error in
                guard case .linkChanged(_, _, let found)? = error as? RouteNetlinkError else { return false }
                return found.contains("other")
            }
        }
        // Deleted, and a foreign link stands under its name.
        try world.namespace.ip("link", "del", "other")
        try world.namespace.ip("link", "add", "br-wg0", "type", "bridge")
        for change in [KernelChange.deleteLink(before), .createLink(World.bridge)] {
            await #expect(throws: RouteNetlinkError.self) { try await world.backend.apply(change) }
        }
        #expect(await world.backend.writes == writes)
        #expect(try await world.link("br-wg0").alias == nil)
    }

    @Test func deletingIsDoneOnceAndGoneIsFine() async throws {
        let world = try World()
        try await world.makeBridge()
        let anchor = try await world.link("an-wg0")
        try await world.backend.apply(.deleteLink(anchor))
        #expect(try await world.observe().links["an-wg0p"] == nil)
        let writes = await world.backend.writes
        try await world.backend.apply(.deleteLink(anchor))
        #expect(await world.backend.writes == writes)
    }

    @Test func withoutAModuleThereIsNoWireGuardLink() async throws {
        // This passes with the module too: then the link is there and marked.
        let world = try World()
        let wanted = DesiredLink(name: "wg0", kind: .wireguard(.auto), mtu: 1420, alias: "wgctl:net")
        let made = try await world.backend.createWireGuardLink(wanted)
        let found = try await world.observe().links["wg0"]
        #expect((found != nil) == made)
        #expect(found?.alias == (made ? "wgctl:net" : nil))
        if !made {
            await #expect(throws: RouteNetlinkError.unsupportedKind("wireguard")) {
                try await world.backend.apply(.createLink(wanted))
            }
        }
    }

    @Test func aMissingMasterIsNamed() async throws {
        let world = try World()
        await #expect(throws: RouteNetlinkError.noSuchLink(name: "br-wg0")) {
            try await world.backend.apply(.createLink(World.anchor))
        }
    }

    @Test func changesOfOtherBackendsAreRefused() async throws {
        let world = try World()
        let change = KernelChange.announce(interface: "br0", address: try address("10.0.0.1"), macAddress: nil)
        await #expect(throws: RouteNetlinkError.notOurs("announce address 10.0.0.1")) {
            try await world.backend.apply(change)
        }
    }
}

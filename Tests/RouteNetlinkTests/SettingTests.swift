import HostState
import NetAddress
import NetworkState
import RouteNetlink
import TestSupport
import Testing

@Suite struct SettingTests {
    @Test func proxyNeighboursComeAndGoAndForeignOnesStay() async throws {
        let world = try World()
        try await world.makeBridge()
        let wanted = try ["fd00::20", "fd00::21", "10.0.0.20"].map {
            ProxyNeighbour(interface: "br-wg0", address: try address($0))
        }
        try world.namespace.ip("neigh", "add", "proxy", "fd00::99", "dev", "br-wg0")
        for result in await world.backend.apply(wanted.map { .addProxyNeighbour($0) }) { try result.get() }
        #expect(try await world.observe().proxyNeighbours == Set(wanted))
        let seen = try world.namespace.json("-6", "neigh", "show", "proxy").compactMap { $0["dst"] }
        #expect(seen.sorted() == ["fd00::20", "fd00::21", "fd00::99"])
        // Again, then away, twice.
        for _ in 0..<2 {
            for result in await world.backend.apply(wanted.map { .addProxyNeighbour($0) }) { try result.get() }
        }
        for _ in 0..<2 {
            for result in await world.backend.apply(wanted.map { .deleteProxyNeighbour($0) }) { try result.get() }
        }
        #expect(try await world.observe().proxyNeighbours.isEmpty)
        #expect(try world.namespace.json("-6", "neigh", "show", "proxy").compactMap { $0["dst"] } == ["fd00::99"])
    }

    @Test func sysctlsAreTheNamespacesOwnAndWrittenOnce() async throws {
        let world = try World()
        try await world.makeBridge()
        let key = "net/ipv4/conf/br-wg0/proxy_arp"
        #expect(try await world.observe([key, "net/ipv4/no_such_key"]).sysctls == [key: "0"])
        let writes = await world.backend.writes
        for _ in 0..<2 {
            try await world.backend.apply(.setSysctl(DesiredSysctl(key: key, value: "1"), before: "0"))
        }
        #expect(await world.backend.writes == writes + 1)
        #expect(try world.namespace.execute("cat", "/proc/sys/\(key)") == "1\n")
        #expect(try await world.observe([key]).sysctls == [key: "1"])
        try await world.backend.apply(.restoreSysctl(key: key, value: "0"))
        #expect(try world.namespace.execute("cat", "/proc/sys/\(key)") == "0\n")
    }

    @Test func anInterfaceNameMayHoldADot() async throws {
        let world = try World()
        let link = DesiredLink(name: "br.7", kind: .bridge, alias: "wgctl:net")
        try await world.backend.apply(.createLink(link))
        let key = "net/ipv6/neigh/br.7/proxy_delay"
        try await world.backend.apply(.setSysctl(DesiredSysctl(key: key, value: "0"), before: nil))
        #expect(try await world.observe([key]).sysctls == [key: "0"])
    }

    // The keys that lead out name nothing that exists: a broken check must not write to a real file.
    @Test(arguments: ["../../nowhere/file", "/nowhere/file", "net/../../nowhere", "net//ipv4", "net/./ipv4", "", "net"])
    func aKeyLeadsNowhereElse(_ key: String) async throws {
        let world = try World()
        await #expect(throws: RouteNetlinkError.badSysctlKey(key)) {
            try await world.backend.apply(.setSysctl(DesiredSysctl(key: key, value: "1"), before: nil))
        }
    }

    @Test func aMissingOrUnfitSysctlIsNamed() async throws {
        let world = try World()
        for (key, value) in [("net/ipv4/conf/none/proxy_arp", "1"), ("net/ipv4/ip_forward", "many")] {
            await #expect {
                try await world.backend.apply(.setSysctl(DesiredSysctl(key: key, value: value), before: nil))
            } throws: { "\($0)".hasPrefix("set sysctl \(key) = \(value): ") }
        }
    }
}

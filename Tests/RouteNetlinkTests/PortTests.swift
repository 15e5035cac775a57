import HostState
import NetAddress
import NetworkState
import RouteNetlink
import TestSupport
import Testing

/// A container's veth whose bridge was deleted and made again.
@Suite struct PortTests {
    private let address = MACAddress("02:00:00:00:00:42")

    /// A namespace as a container has, with its veth as netavark leaves it: a port of the bridge.
    private func container(of world: World, _ port: String, _ macAddress: String) throws -> NetworkNamespace {
        let container = try NetworkNamespace()
        try world.namespace.ip(
            "link", "add", port, "type", "veth", "peer", "name", "eth0", "address", macAddress, "netns", container.name)
        try world.namespace.ip("link", "set", port, "master", "br-wg0", "up")
        try container.ip("link", "set", "eth0", "up")
        return container
    }

    @Test func aPortIsFoundByItsOtherEndAndAttachedAgain() async throws {
        let world = try World()
        try await world.makeBridge()
        let ours = try container(of: world, "veth7", "02:00:00:00:00:42")
        let foreign = try container(of: world, "veth8", "02:00:00:00:00:99")
        defer { withExtendedLifetime((ours, foreign)) {} }
        let macAddress = try #require(address)
        // A port that has its bridge is not asked about, and neither is anything when nothing is looked for.
        #expect(try await world.backend.observe(sysctls: [], ports: [macAddress]).links["veth7"]?.peerMACAddress == nil)
        try world.namespace.ip("link", "del", "br-wg0")
        #expect(try await world.backend.observe(sysctls: []).links["veth7"]?.peerMACAddress == nil)
        let observed = try await world.backend.observe(sysctls: [], ports: [macAddress])
        let port = try #require(observed.links["veth7"])
        #expect(port.peerMACAddress == macAddress && port.master == nil)
        #expect(observed.links["veth8"]?.peerMACAddress == nil)

        let change = KernelChange.attachPort(port, bridge: "br-wg0", container: "pod-a")
        await #expect(throws: RouteNetlinkError.noSuchLink(name: "br-wg0")) { try await world.backend.apply(change) }
        try await world.backend.apply(.createLink(World.bridge))
        try world.namespace.ip("link", "set", "veth7", "down")
        try await world.backend.apply(change)
        let attached = try await world.link("veth7")
        #expect(attached.master == "br-wg0" && attached.isUp && attached.alias == nil)
        #expect(try await world.link("veth8").master == nil)
        // Again: nothing is written.
        let writes = await world.backend.writes
        try await world.backend.apply(change)
        #expect(await world.backend.writes == writes)
        // Somebody has put it elsewhere: it is left there.
        try world.namespace.ip("link", "add", "br9", "type", "bridge")
        try world.namespace.ip("link", "set", "veth7", "master", "br9")
        await #expect(throws: RouteNetlinkError.self) { try await world.backend.apply(change) }
        #expect(try await world.link("veth7").master == "br9")
    }

    @Test func aPortWhoseContainerEndsIsGone() async throws {
        let world = try World()
        try await world.makeBridge()
        var ours: NetworkNamespace? = try container(of: world, "veth7", "02:00:00:00:00:42")
        withExtendedLifetime(ours) {}
        try world.namespace.ip("link", "del", "br-wg0")
        let macAddress = try #require(address)
        let port = try #require(try await world.backend.observe(sysctls: [], ports: [macAddress]).links["veth7"])
        ours = nil
        try await waitUntil("veth7 is gone") { try await world.observe().links["veth7"] == nil }
        await #expect(throws: RouteNetlinkError.noSuchLink(name: "veth7")) {
            try await world.backend.apply(.attachPort(port, bridge: "br-wg0", container: "pod-a"))
        }
    }
}

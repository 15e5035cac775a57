import HostState
import NetAddress
import NetworkState
import RouteNetlink
import TestSupport
import Testing

/// A namespace, a backend inside it, and short names for what the tests make.
struct World {
    let namespace: NetworkNamespace
    let backend: RouteNetlinkClient

    init() throws {
        let namespace = try NetworkNamespace()
        self.namespace = namespace
        backend = try namespace.enter { try RouteNetlinkClient() }
    }

    static let bridge = DesiredLink(
        name: "br-wg0", kind: .bridge, mtu: 1420, macAddress: MACAddress("02:00:00:00:00:01"), alias: "wgctl:net")
    static let anchor = DesiredLink(
        name: "an-wg0", kind: .veth(peer: "an-wg0p"), mtu: 1420, alias: "wgctl:net", master: "br-wg0")

    /// The bridge with its anchor.
    func makeBridge() async throws {
        try await backend.apply(.createLink(World.bridge))
        try await backend.apply(.createLink(World.anchor))
    }

    /// Without link-local addresses, which the kernel adds on its own a moment after a link has a carrier.
    func observe(_ sysctls: [String] = [], _ destinations: Set<CIDR> = []) async throws -> ObservedKernel {
        var observed = try await backend.observe(sysctls: sysctls, destinations: destinations)
        observed.addresses.removeAll { $0.address.isLinkLocal }
        return observed
    }

    func link(_ name: String) async throws -> ObservedLink { try #require(try await observe().links[name]) }
}

func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }
func cidr(_ text: String) throws -> CIDR { try #require(CIDR(text)) }

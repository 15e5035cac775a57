import Foundation
import TestSupport
import Testing

/// Hosts around one router, and the manifests that all their daemons read.
///
/// Nothing of Podman is there: the overlay is what is tried, with the kernel's WireGuard where there is one.
final class Fleet: @unchecked Sendable {
    // The list of hosts changes only between the steps of the one test that has it.
    private(set) var hosts: [TunnelHost] = []
    let router: TestHost
    let directory: String
    private let implementation: WireGuardImplementation

    private init(_ implementation: WireGuardImplementation) throws {
        self.implementation = implementation
        router = try TestHost()
        directory = router.directory + "-fleet"
        try FileManager.default.createDirectory(atPath: "\(directory)/manifests", withIntermediateDirectories: true)
        try shell("ip netns exec \(router.name) sysctl -qw net.ipv4.ip_forward=1")
    }

    /// Runs `body` with `count` hosts that are connected and have manifests; then takes everything away.
    static func with(
        _ count: Int = 2, by implementation: WireGuardImplementation, _ body: (Fleet) async throws -> Void
    ) async throws {
        let fleet = try Fleet(implementation)
        defer { fleet.remove() }
        for number in 1...count { try fleet.add(number) }
        try fleet.save("overlay.yaml", fleet.overlay("net", interface: "wg0", port: 51820, subnet: "10.0.0.0/24"))
        for host in fleet.hosts { try fleet.save("\(host.node).yaml", fleet.manifest(of: host)) }
        do {
            try await body(fleet)
        } catch {
            for host in fleet.hosts {
                print("\(host.node):", (try? shell("tail -n 30 \(host.directory)/wgd.log")) ?? "")
            }
            throw error
        }
    }

    /// Starts every daemon and waits until the first two hosts reach each other.
    func start() async throws {
        for host in hosts { try await host.start() }
        try await hosts[0].reaches(hosts[1])
    }

    private func remove() {
        for host in hosts { host.host.remove() }
        router.remove()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func add(_ number: Int) throws {
        let host = try TunnelHost("host-\(number)", number: number, in: directory)
        hosts.append(host)
        try connect(host)
    }

    private func connect(_ host: TunnelHost) throws {
        let (name, number) = (host.host.name, host.number)
        try shell(
            """
            ip -n \(router.name) link add eth\(number) type veth peer name eth0 netns \(name)
            ip -n \(router.name) addr add 198.18.\(number).1/24 dev eth\(number); ip -n \(router.name) link set eth\(number) up
            ip -n \(name) addr add 198.18.\(number).2/24 dev eth0; ip -n \(name) link set eth0 up
            ip -n \(name) route add default via 198.18.\(number).1
            """)
    }

    /// The same machine after its power came back: what is on its disk, and nothing else.
    func reboot(_ index: Int) throws {
        hosts[index].host.remove()
        // The kernel takes its time with the other end.
        let end = "eth\(hosts[index].number)"
        try shell(
            "ip -n \(router.name) link del \(end) 2>/dev/null || ! ip -n \(router.name) link show \(end) 2>/dev/null")
        hosts[index] = try TunnelHost(hosts[index].node, number: hosts[index].number, in: directory)
        try connect(hosts[index])
    }

    // MARK: Manifests

    func save(_ file: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/manifests/\(file)"), options: .atomic)
    }

    func overlay(_ name: String, interface: String, port: Int, subnet: String) -> String {
        """
        apiVersion: wgctl.dev/v1alpha1
        kind: Overlay
        metadata: {name: \(name)}
        spec:
          subnets: [\(subnet)]
          wireguard: {interface: \(interface), listenPort: \(port), backend: \(implementation.rawValue.capitalized)}

        """
    }

    func manifest(of host: TunnelHost, endpoint: String? = nil, also overlays: String = "") -> String {
        node(
            host.node, key: host.publicKey, endpoint: endpoint ?? "198.18.\(host.number).2",
            overlays: "{name: net, addresses: [10.0.0.\(host.number)]}\(overlays)")
    }

    func node(_ name: String, key: String, endpoint: String, overlays: String) -> String {
        """
        apiVersion: wgctl.dev/v1alpha1
        kind: Node
        metadata: {name: \(name)}
        spec:
          publicKey: \(key)
          endpoint: \(endpoint)
          overlays: [\(overlays)]

        """
    }
}

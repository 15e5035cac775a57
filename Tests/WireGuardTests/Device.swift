import HostState
import NetAddress
import NetworkState
import TestSupport
import Testing

@testable import WireGuard

/// A host with one device, `wg0`, that has a key and listens on 51820.
struct Device: Sendable {
    let implementation: WireGuardImplementation
    let host: TestHost
    let backend: WireGuardClient
    let key: PrivateKey

    fileprivate init(by implementation: WireGuardImplementation, on host: TestHost) async throws {
        self.implementation = implementation
        self.host = host
        backend = try await host.run { try WireGuardClient(timeout: .seconds(60)) }
        key = try PrivateKey.generate()
        try await makeInterface("wg0")
        try await configure(
            .configureDevice(interface: "wg0", publicKey: key.publicKey, listenPort: 51820, fwmark: 0))
    }

    /// An interface as the daemon makes it, up and empty.
    func makeInterface(_ name: String) async throws {
        switch implementation {
        case .kernel: try await host.run("ip link add \(name) type wireguard")
        case .userspace: try await backend.startUserspace(name)
        }
        try await host.run("ip link set \(name) up")
    }

    /// Applies changes, none of which may fail.
    func configure(_ changes: KernelChange...) async throws { try await configure(changes) }

    func configure(_ changes: [KernelChange]) async throws {
        for result in await backend.apply(changes, key: key) { try result.get() }
    }

    /// What the backend reads.
    func observed() async throws -> ObservedDevice {
        try #require(try await backend.observe(["wg0", "absent0"])["wg0"])
    }

    /// What `wg show wg0 dump` says of the peers: its lines by public key.
    func lines() async throws -> [String: String] {
        let dump = try await host.run("wg show wg0 dump | tail -n +2").split(separator: "\n").map(String.init)
        return Dictionary(uniqueKeysWithValues: dump.map { (String($0.prefix(44)), $0) })
    }

    /// Connects `other` by a veth, makes both peers of each other, and waits until a ping gets through: this one is
    /// 10.0.0.1, `other` 10.0.0.(`number` + 1).
    func meet(_ other: Device, number: Int = 1) async throws {
        let link = "eth\(number)"
        for (near, far) in [(self, other), (other, self)] {
            let isFirst = near.key.publicKey == key.publicKey
            if isFirst {
                try shell("ip -n \(near.host.name) link add \(link) type veth peer name \(link) netns \(far.host.name)")
            }
            try await near.host.run(
                """
                ip addr add 192.0.\(number).\(isFirst ? 1 : 2)/24 dev \(link) && ip link set \(link) up
                ip addr replace 10.0.0.\(isFirst ? 1 : number + 1)/24 dev wg0
                """)
            let peer = DesiredPeer(
                node: "far", publicKey: far.key.publicKey, endpoint: nil, persistentKeepalive: 0,
                allowedIPs: [try cidr("10.0.0.\(isFirst ? number + 1 : 1)/32")], probeAddresses: [])
            let endpoint = try socketAddress("192.0.\(number).\(isFirst ? 2 : 1)", 51820)
            try await near.configure(.addPeer(interface: "wg0", peer, endpoint: endpoint))
        }
        try await waitUntil("a ping through the tunnel") {
            (try? await host.run("ping -c1 -W1 10.0.0.\(number + 1)")) != nil
        }
    }
}

/// Runs `body` with `count` devices, each on a host of its own, and takes the hosts away.
func withDevices(
    _ count: Int = 1, by implementation: WireGuardImplementation, _ body: ([Device]) async throws -> Void
) async throws {
    var hosts: [TestHost] = []
    defer { for host in hosts { host.remove() } }
    var devices: [Device] = []
    for _ in 0..<count {
        hosts.append(try TestHost())
        devices.append(try await Device(by: implementation, on: hosts[hosts.count - 1]))
    }
    try await body(devices)
}

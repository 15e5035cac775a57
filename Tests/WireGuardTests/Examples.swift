import HostState
import NetAddress
import SystemTesting
import Testing

@testable import WireGuard

func cidr(_ text: String) throws -> CIDR { try #require(CIDR(text)) }

func socketAddress(_ address: String, _ port: UInt16) throws -> SocketAddress {
    SocketAddress(address: try #require(IPAddress(address)), port: port)
}

/// Always the same key for the same number.
func examplePublicKey(_ number: Int) throws -> PublicKey {
    let key = try PrivateKey { bytes in
        bytes.copyBytes(from: (0..<32).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0 &+ 1) })
        return true
    }
    return try #require(key).publicKey
}

func examplePeer(_ number: Int, allowedIPs: [String]) throws -> DesiredPeer {
    DesiredPeer(
        node: "node-\(number)", publicKey: try examplePublicKey(number), endpoint: nil, persistentKeepalive: 25,
        allowedIPs: try allowedIPs.map(cidr), probeAddresses: [])
}

/// The lines of `wg show wg0 dump` for peers, by public key.
func lines(_ host: TestHost) async throws -> [String: String] {
    let dump = try await host.run("wg show wg0 dump | tail -n +2").split(separator: "\n").map(String.init)
    return Dictionary(uniqueKeysWithValues: dump.map { (String($0.prefix(44)), $0) })
}

/// Connects `other` to `host` by a veth and makes both shake hands: 10.0.0.1 on `host`, 10.0.0.2 on `other`.
///
/// - Returns: the key of `other`.
func handshake(_ host: TestHost, _ key: PrivateKey, _ other: TestHost) async throws -> PrivateKey {
    _ = try shell(
        """
        ip -n \(host.name) link add eth0 type veth peer name eth0 netns \(other.name)
        ip -n \(host.name) addr add 192.0.2.1/24 dev eth0; ip -n \(host.name) link set eth0 up
        ip -n \(other.name) addr add 192.0.2.2/24 dev eth0; ip -n \(other.name) link set eth0 up
        """)
    let backend = try await other.run { try WireGuardBackend(timeout: .seconds(60)) }
    let otherKey = try PrivateKey.generate()
    try await backend.startUserspace("wg0")
    try await backend.apply(
        .configureDevice(interface: "wg0", publicKey: otherKey.publicKey, listenPort: 51820), key: otherKey)
    var peer = DesiredPeer(
        node: "host", publicKey: key.publicKey, endpoint: nil, persistentKeepalive: 0,
        allowedIPs: [try cidr("10.0.0.1/32")], probeAddresses: [])
    try await backend.apply(
        .addPeer(interface: "wg0", peer, endpoint: try socketAddress("192.0.2.1", 51820)), key: nil)
    peer.publicKey = otherKey.publicKey
    peer.allowedIPs = [try cidr("10.0.0.2/32")]
    // `host` has a backend already, and a second one finds the same device.
    let near = try await host.run { try WireGuardBackend(timeout: .seconds(60)) }
    try await near.apply(.addPeer(interface: "wg0", peer, endpoint: try socketAddress("192.0.2.2", 51820)), key: nil)
    _ = try await other.run("ip addr add 10.0.0.2/24 dev wg0 && ip link set wg0 up")
    _ = try await host.run("ip addr add 10.0.0.1/24 dev wg0 && ip link set wg0 up")
    try await waitUntil("a ping through the tunnel") { (try? await host.run("ping -c1 -W1 10.0.0.2")) != nil }
    return otherKey
}

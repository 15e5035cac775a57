import HostState
import NetAddress
import Testing

@testable import WireGuard

func cidr(_ text: String) throws -> CIDR { try #require(CIDR(text)) }

func socketAddress(_ address: String, _ port: UInt16) throws -> SocketAddress {
    SocketAddress(address: try #require(IPAddress(address)), port: port)
}

/// Always the same key for the same number.
func examplePublicKey(_ number: Int) throws -> PublicKey {
    let key = try PrivateKey { bytes in
        bytes.copyBytes(from: (0..<32).map { UInt8(truncatingIfNeeded: (number >> ($0 % 2 * 8)) &* 31 &+ $0 &+ 1) })
        return true
    }
    return try #require(key).publicKey
}

func examplePeer(_ number: Int, allowedIPs: [String]) throws -> DesiredPeer {
    DesiredPeer(
        node: "node-\(number)", publicKey: try examplePublicKey(number), endpoint: nil, persistentKeepalive: 25,
        allowedIPs: try allowedIPs.map(cidr), probeAddresses: [])
}

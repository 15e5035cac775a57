import HostState
import NetAddress
import NetworkState
import TestSupport
import Testing

@testable import WireGuard

/// Configurations and dumps of many messages.
@Suite(.serialized) struct LargeDeviceTests {
    /// One of 65,536.
    private func network(_ number: Int) throws -> CIDR {
        let bytes = [10, UInt8(number >> 8), UInt8(number & 255), 0]
        return CIDR(containing: try #require(IPAddress(bytes: bytes)), prefixLength: 24)
    }

    @Test(arguments: WireGuardImplementation.preferred)
    func sixtyFiveThousandAllowedIPsOfOnePeer(by implementation: WireGuardImplementation) async throws {
        try await withDevices(by: implementation) { devices in
            var peer = try examplePeer(1, allowedIPs: [])
            peer.allowedIPs = try (0..<65_536).map { try network($0) }
            try await devices[0].configure(.addPeer(interface: "wg0", peer, endpoint: nil))
            let observed = try await devices[0].observed()
            #expect(observed.peers.count == 1)
            let read = try #require(observed.peers[peer.publicKey]).allowedIPs
            // Not in one expectation of the sets: a failure would print them.
            let isSame = read == Set(peer.allowedIPs)
            #expect(isSame && read.count == 65_536)
            let counted = try await devices[0].host.run("wg show wg0 allowed-ips | wc -w")
            #expect(counted == "65537\n")
        }
    }

    @Test(arguments: WireGuardImplementation.preferred)
    func moreThanTwoThousandPeers(by implementation: WireGuardImplementation) async throws {
        try await withDevices(by: implementation) { devices in
            let peers = try (0..<2100).map { number in
                var peer = try examplePeer(number, allowedIPs: ["fd00:\(number)::/64"])
                peer.allowedIPs.append(try network(number))
                return peer
            }
            try await devices[0].configure(
                try peers.map {
                    .addPeer(interface: "wg0", $0, endpoint: try socketAddress("192.0.2.1", 51820))
                })
            let observed = try await devices[0].observed().peers
            #expect(observed.count == 2100)
            let isSame = peers.allSatisfy { peer in
                observed[peer.publicKey].map { read in
                    read.allowedIPs == Set(peer.allowedIPs) && read.persistentKeepalive == 25
                        && read.endpoint?.port == 51820
                } ?? false
            }
            #expect(isSame)
            #expect(try await devices[0].host.run("wg show wg0 peers | sort -u | wc -l") == "2100\n")
        }
    }
}

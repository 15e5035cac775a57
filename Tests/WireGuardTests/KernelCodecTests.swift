import HostState
import NetAddress
import Testing

@testable import Netlink
@testable import WireGuard

/// What goes to and comes from the `wireguard` family, byte for byte (linux/wireguard.h), little-endian as on x86-64.
@Suite struct KernelCodecTests {
    private let family = GenericNetlinkFamily(id: 0x1d, name: "wireguard", version: 1, multicastGroups: [:])

    /// Without the 16 bytes of netlink header.
    private func bytes(_ message: NetlinkMessage) -> [UInt8] { Array(message.bytes.dropFirst(16)) }

    @Test func aGetNamesTheInterface() {
        let message = DeviceAttributes.get("wg0", family: family)
        #expect(message.buildError == nil)
        // genlmsghdr {cmd 0, version 1}; WGDEVICE_A_IFNAME (2), length 8.
        #expect(bytes(message) == [0, 1, 0, 0, 8, 0, 2, 0, 0x77, 0x67, 0x30, 0])
    }

    @Test func aSetCarriesKeyPortMarkPeerEndpointAndAllowedIPs() throws {
        let key = try #require(
            try PrivateKey { bytes in
                bytes.copyBytes(from: [0x08] + [UInt8](repeating: 7, count: 30) + [0x47])
                return true
            })
        let peer = try examplePublicKey(1)
        let configuration = DeviceConfiguration(
            interface: "wg0", privateKey: key, listenPort: 51820, fwmark: 0xca6c,
            peers: [
                PeerConfiguration(
                    .update, peer, endpoint: try socketAddress("192.0.2.1", 51820), persistentKeepalive: 25,
                    allowedIPs: [try cidr("10.0.0.2/32")]),
                PeerConfiguration(.remove, peer),
            ])
        let message = DeviceAttributes.set(configuration, family: family)
        #expect(message.buildError == nil)
        var expected: [UInt8] = [1, 1, 0, 0]  // WG_CMD_SET_DEVICE, version 1
        expected += [8, 0, 2, 0, 0x77, 0x67, 0x30, 0]  // WGDEVICE_A_IFNAME
        expected += [36, 0, 3, 0, 0x08] + [UInt8](repeating: 7, count: 30) + [0x47]  // WGDEVICE_A_PRIVATE_KEY
        expected += [6, 0, 6, 0, 0x6c, 0xca, 0, 0]  // WGDEVICE_A_LISTEN_PORT
        expected += [8, 0, 7, 0, 0x6c, 0xca, 0, 0]  // WGDEVICE_A_FWMARK
        expected += [160, 0, 8, 0x80]  // WGDEVICE_A_PEERS, nested
        expected += [108, 0, 0, 0x80]  // the first
        expected += [36, 0, 1, 0] + peer.bytes  // WGPEER_A_PUBLIC_KEY
        expected += [8, 0, 3, 0, 4, 0, 0, 0]  // WGPEER_A_FLAGS, UPDATE_ONLY
        expected += [20, 0, 4, 0, 2, 0, 0xca, 0x6c, 192, 0, 2, 1] + [UInt8](repeating: 0, count: 8)  // ENDPOINT
        expected += [6, 0, 5, 0, 25, 0, 0, 0]  // PERSISTENT_KEEPALIVE_INTERVAL
        expected += [32, 0, 9, 0x80, 28, 0, 0, 0x80]  // ALLOWEDIPS, nested, the first
        expected += [6, 0, 1, 0, 2, 0, 0, 0, 8, 0, 2, 0, 10, 0, 0, 2, 5, 0, 3, 0, 32, 0, 0, 0]
        expected += [48, 0, 0, 0x80]  // the second
        expected += [36, 0, 1, 0] + peer.bytes + [8, 0, 3, 0, 1, 0, 0, 0]  // REMOVE_ME
        #expect(bytes(message) == expected)
    }

    @Test func anAllowedIPIsTakenAwayByAFlag() throws {
        let peer = try examplePublicKey(1)
        let configuration = DeviceConfiguration(
            interface: "wg0",
            peers: [
                PeerConfiguration(
                    .update, peer, allowedIPs: [try cidr("10.0.0.2/32")], removedAllowedIPs: [try cidr("fd00::/64")])
            ])
        var expected: [UInt8] = [1, 1, 0, 0, 8, 0, 2, 0, 0x77, 0x67, 0x30, 0]
        expected += [132, 0, 8, 0x80, 128, 0, 0, 0x80]  // WGDEVICE_A_PEERS, the first
        expected += [36, 0, 1, 0] + peer.bytes + [8, 0, 3, 0, 4, 0, 0, 0]  // WGPEER_A_PUBLIC_KEY, UPDATE_ONLY
        expected += [80, 0, 9, 0x80]  // ALLOWEDIPS
        expected += [28, 0, 0, 0x80, 6, 0, 1, 0, 2, 0, 0, 0, 8, 0, 2, 0, 10, 0, 0, 2, 5, 0, 3, 0, 32, 0, 0, 0]
        expected += [48, 0, 0, 0x80, 6, 0, 1, 0, 10, 0, 0, 0]  // AF_INET6
        expected += [20, 0, 2, 0, 0xfd] + [UInt8](repeating: 0, count: 15) + [5, 0, 3, 0, 64, 0, 0, 0]
        expected += [8, 0, 4, 0, 1, 0, 0, 0]  // WGALLOWEDIP_A_FLAGS, REMOVE_ME
        #expect(bytes(DeviceAttributes.set(configuration, family: family)) == expected)
    }

    @Test func anIPv6EndpointIsASockaddrIn6() throws {
        let endpoint = try socketAddress("2001:db8::7", 51820)
        let address: [UInt8] = [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [7]
        #expect(endpoint.sockaddrBytes == [10, 0, 0xca, 0x6c, 0, 0, 0, 0] + address + [0, 0, 0, 0])
        #expect(SocketAddress(sockaddr: endpoint.sockaddrBytes[...]) == endpoint)
        #expect(SocketAddress(sockaddr: [1, 0]) == nil)
    }

    @Test(arguments: [1, 3, 1000, 5000])
    func aLargeConfigurationIsSplitAndLosesNothing(count: Int) throws {
        let wide = try (0..<count).map { try cidr("10.\($0 >> 8 & 255).\($0 & 255).0/24") }
        let gone = try (0..<count).map { try cidr("fd00:\($0)::/64") }
        let peers = try (0..<400).map {
            PeerConfiguration(
                .add, try examplePublicKey($0), persistentKeepalive: 25, allowedIPs: $0 == 7 ? wide : [],
                removedAllowedIPs: $0 == 7 || $0 == 9 ? gone : [])
        }
        let whole = DeviceConfiguration(interface: "wg0", listenPort: 7, peers: peers)
        let parts = whole.parts(below: DeviceAttributes.messageLimit)
        #expect(parts.map(\.listenPort) == [7] + [UInt16?](repeating: nil, count: parts.count - 1))
        for part in parts {
            let message = DeviceAttributes.set(part, family: family)
            #expect(message.buildError == nil && message.count <= DeviceAttributes.messageLimit)
        }
        var merged: [PeerConfiguration] = []
        for peer in parts.flatMap(\.peers) {
            guard let last = merged.last, last.publicKey == peer.publicKey else {
                merged.append(peer)
                continue
            }
            #expect(peer.action == .update && peer.persistentKeepalive == nil)
            merged[merged.count - 1].allowedIPs += peer.allowedIPs
            merged[merged.count - 1].removedAllowedIPs += peer.removedAllowedIPs
        }
        #expect(merged == peers)
    }

    @Test func theKeyTravelsInAMessageOfItsOwn() throws {
        let key = try PrivateKey.generate()
        let peer = PeerConfiguration(.add, try examplePublicKey(1))
        let whole = DeviceConfiguration(interface: "wg0", privateKey: key, listenPort: 7, peers: [peer])
        let parts = whole.parts(below: DeviceAttributes.messageLimit)
        #expect(parts.map { $0.privateKey == nil } == [false, true])
        #expect(parts.map(\.listenPort) == [7, nil])
        #expect(parts.map(\.peers) == [[], [peer]])
    }

    @Test func aDumpIsMergedAcrossMessages() throws {
        let (one, two) = (try examplePublicKey(1), try examplePublicKey(2))
        let timespec = [0x00, 0xf1, 0x53, 0x65] + [UInt8](repeating: 0, count: 12)  // 1700000000 s
        let first =
            attribute(2, Array("wg0\0".utf8)) + attribute(3, [UInt8](repeating: 9, count: 32))
            + attribute(4, one.bytes) + attribute(6, [0x6c, 0xca]) + attribute(7, [7, 0, 0, 0x80])
            + attribute(
                8,
                attribute(
                    0,
                    attribute(1, one.bytes) + attribute(2, [UInt8](repeating: 5, count: 32))
                        + attribute(4, try socketAddress("192.0.2.1", 7).sockaddrBytes)
                        + attribute(5, [25, 0]) + attribute(6, timespec) + attribute(7, [3, 0, 0, 0, 0, 0, 0, 0])
                        + attribute(8, [4, 0, 0, 0, 0, 0, 0, 0]) + attribute(9, allowedIP([10, 0, 0, 2], 32))))
        let second = attribute(
            8,
            attribute(0, attribute(1, one.bytes) + attribute(9, allowedIP([10, 0, 0, 3], 32)))
                + attribute(0, attribute(1, two.bytes) + attribute(2, [UInt8](repeating: 0, count: 32))))
        var decoder = DeviceDecoder(interface: "wg0")
        try decoder.take(AttributeDecoder(first[...]))
        try decoder.take(AttributeDecoder(second[...]))
        #expect(
            decoder.device
                == ObservedDevice(
                    interface: "wg0", backend: .kernel, publicKey: one, listenPort: 51820, fwmark: 0x8000_0007,
                    peers: [
                        one: ObservedPeer(
                            publicKey: one, endpoint: try socketAddress("192.0.2.1", 7), persistentKeepalive: 25,
                            presharedKey: [UInt8](repeating: 5, count: 32).withUnsafeBytes {
                                PresharedKeys.fingerprint(observed: $0)
                            },
                            allowedIPs: [try cidr("10.0.0.2/32"), try cidr("10.0.0.3/32")],
                            latestHandshake: 1_700_000_000, receivedBytes: 3, transmittedBytes: 4),
                        two: ObservedPeer(publicKey: two),
                    ]))
    }

    @Test func aPeerThatIsCutOffIsAnError() throws {
        var decoder = DeviceDecoder(interface: "wg0")
        let short = attribute(8, attribute(0, attribute(1, [1, 2, 3])))
        #expect(throws: WireGuardError.self) { try decoder.take(AttributeDecoder(short[...])) }
        let torn = attribute(8, [200, 0, 0, 0])
        #expect(throws: AttributeDecoder.DecodingError.malformed) { try decoder.take(AttributeDecoder(torn[...])) }
    }

    private func attribute(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        let length = UInt16(payload.count + 4)
        let padding = [UInt8](repeating: 0, count: -payload.count & 3)
        return [UInt8(length & 255), UInt8(length >> 8), UInt8(type & 255), UInt8(type >> 8)] + payload + padding
    }

    private func allowedIP(_ address: [UInt8], _ prefixLength: UInt8) -> [UInt8] {
        attribute(0, attribute(1, [2, 0]) + attribute(2, address) + attribute(3, [prefixLength]))
    }
}

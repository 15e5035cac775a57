import HostState
import NetAddress
import Testing

@testable import WireGuard

/// The text of the UAPI, byte for byte (https://www.wireguard.com/xplatform/).
@Suite struct UAPITests {
    private func text(_ configuration: DeviceConfiguration) throws -> String {
        try UAPIRequest.set(configuration).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    private func parse(_ text: String) throws -> UAPIResponse {
        try Array(text.utf8).withUnsafeBytes { try UAPIResponse.parse($0, interface: "wg0") }
    }

    @Test func aConfigurationIsOneSetOperation() throws {
        let key = try #require(
            try PrivateKey { bytes in
                bytes.copyBytes(from: [UInt8](repeating: 0x11, count: 32))
                return true
            })
        let hexKey = "10" + String(repeating: "11", count: 30) + "51"
        let (one, two) = (try examplePublicKey(1), try examplePublicKey(2))
        let configuration = DeviceConfiguration(
            interface: "wg0", privateKey: key, listenPort: 51820, fwmark: 0,
            peers: [
                PeerConfiguration(
                    .add, one, endpoint: try socketAddress("2001:db8::1", 51820), persistentKeepalive: 25,
                    allowedIPs: [try cidr("10.0.0.2/32"), try cidr("fd00::/64")]),
                PeerConfiguration(.update, two, allowedIPs: [try cidr("10.0.0.3/32")]),
                PeerConfiguration(.remove, two),
            ])
        #expect(
            try text(configuration) == """
                set=1
                private_key=\(hexKey)
                listen_port=51820
                fwmark=0
                public_key=\(one.hex)
                endpoint=[2001:db8::1]:51820
                persistent_keepalive_interval=25
                allowed_ip=10.0.0.2/32
                allowed_ip=fd00::/64
                public_key=\(two.hex)
                update_only=true
                allowed_ip=10.0.0.3/32
                public_key=\(two.hex)
                update_only=true
                remove=true


                """)
        #expect(try text(DeviceConfiguration(interface: "wg0")) == "set=1\n\n")
    }

    @Test func anAnswerIsReadWithoutItsSecrets() throws {
        let (one, two) = (try examplePublicKey(1), try examplePublicKey(2))
        let secret = String(repeating: "5", count: 64)
        let response = try parse(
            """
            private_key=\(secret)
            listen_port=51820
            fwmark=4294967295
            public_key=\(one.hex)
            preshared_key=\(secret)
            protocol_version=1
            endpoint=[fe80::1%eth0]:7
            last_handshake_time_sec=1700000000
            last_handshake_time_nsec=5
            tx_bytes=18446744073709551615
            rx_bytes=2
            persistent_keepalive_interval=25
            allowed_ip=10.0.0.2/32
            allowed_ip=fd00::/64
            public_key=\(two.hex)
            a_later_version=1
            errno=0


            """)
        #expect(response.code == 0)
        #expect(response.device.listenPort == 51820 && response.device.fwmark == .max)
        #expect(response.device.publicKey != nil)
        #expect(
            response.device.peers == [
                one: ObservedPeer(
                    publicKey: one, endpoint: try socketAddress("fe80::1", 7), persistentKeepalive: 25,
                    presharedKey: [UInt8](repeating: 0x55, count: 32).withUnsafeBytes {
                        PresharedKeys.fingerprint(observed: $0)
                    },
                    allowedIPs: [try cidr("10.0.0.2/32"), try cidr("fd00::/64")], latestHandshake: 1_700_000_000,
                    receivedBytes: 2, transmittedBytes: .max),
                two: ObservedPeer(publicKey: two),
            ])
        var dumped = ""
        dump(response, to: &dumped)
        #expect(!dumped.contains(secret))
    }

    @Test func anAnswerThatWasCutOffHasNoCode() throws {
        #expect(try parse("listen_port=1\n").code == nil)
        #expect(try parse("errno=-98\n\n").code == -98)
        #expect(try parse("private_key=\(String(repeating: "0", count: 64))\nerrno=0\n\n").device.publicKey == nil)
    }

    private static let nonsense = [
        "listen_port=65536", "fwmark=-1", "public_key=12", "nonsense",
        "public_key=\(String(repeating: "g", count: 64))",
    ]

    @Test(arguments: nonsense)
    func whatMakesNoSenseIsAnError(line: String) throws {
        #expect(throws: WireGuardError.self) { try parse(line + "\n") }
    }

    @Test func anErrorNeverQuotesAKey() throws {
        let secret = String(repeating: "5", count: 63)
        let response = try parse("private_key=\(secret)\nerrno=0\n\n")
        #expect(response.device.publicKey == nil)
        for line in ["private_key\(secret)", "preshared_key=\(secret)x"] {
            do { _ = try parse(line + "\nlisten_port=x\n") } catch { #expect(!"\(error)".contains(secret)) }
        }
    }
}

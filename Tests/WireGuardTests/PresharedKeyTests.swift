import Foundation
import HostState
import NetAddress
import NetworkState
import TestSupport
import Testing

@testable import Netlink
@testable import WireGuard

/// An overlay's secret, and the keys that come from it.
@Suite(.serialized) struct PresharedKeyTests {
    /// Bytes 0 to 31.
    static let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    private func key(_ byte: UInt8) throws -> PublicKey {
        try #require(PublicKey(bytes: [UInt8](repeating: byte, count: 32)))
    }

    private func hex(_ keys: PresharedKeys, for peer: PublicKey) throws -> String {
        let text = try SecretBytes(capacity: 64)
        try keys.append(keyFor: peer, toHex: text)
        return text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Worked out by Python's `hashlib.blake2b(b"wgctl preshared key 1\0net\0" + A + B, digest_size=32, key=SECRET)`.
    @Test func aPairsKeyIsTheSameOnBothEnds() throws {
        let (a, b) = (try key(1), try key(2))
        let here = try presharedKeys(own: a)
        let there = try presharedKeys(own: b)
        let golden = "dd7cf892b8e678dc175b382da2dbc56ac2a12da337a1b9477adf1bb9190817e4"
        #expect(try hex(here, for: b) == golden)
        #expect(try hex(there, for: a) == golden)
        #expect(here.fingerprint(for: b) == there.fingerprint(for: a))
        #expect(PresharedKeys.fingerprint(hex: Array(golden.utf8)) == here.fingerprint(for: b))
        #expect(PresharedKeys.fingerprint(hex: Array(String(repeating: "0", count: 64).utf8)) == nil)
        #expect(PresharedKeys.fingerprint(hex: Array(golden.dropLast(2).utf8)) == nil)
    }

    @Test func everyPairOverlayAndSecretHasItsOwn() throws {
        let (a, b, c) = (try key(1), try key(2), try key(3))
        let keys = [
            try hex(presharedKeys(own: a), for: b), try hex(presharedKeys(own: a), for: c),
            try hex(presharedKeys(own: b), for: c), try hex(presharedKeys(own: a, overlay: "more"), for: b),
            try hex(presharedKeys(own: a, secret: String(Self.secret.reversed().drop { $0 == "=" }) + "="), for: b),
        ]
        #expect(Set(keys).count == keys.count)
    }

    private static let faults: [(name: String, make: String, reason: String)] = [
        ("none", "true", "does not exist"), ("a link", "ln -s /dev/null FILE", "is a symbolic link"),
        ("a FIFO", "mkfifo -m 600 FILE", "is not a regular file"),
        ("another's", "echo SECRET >FILE; chown 1 FILE", "does not belong to root"),
        ("open to the group", "echo SECRET >FILE; chmod 640 FILE", "is open to others"),
        ("empty", ": >FILE", "does not hold base64 of 32 bytes"),
        ("short", "echo AAECAw== >FILE", "does not hold base64 of 32 bytes"),
        ("two lines", "echo SECRET >FILE; echo SECRET >>FILE", "does not hold base64 of 32 bytes"),
        ("zeros", "head -c 32 /dev/zero | base64 >FILE", "does not hold base64 of 32 bytes"),
    ]

    @Test(arguments: faults.indices)
    func aFileThatIsNotRootsAloneOrHoldsNoSecretIsRefused(number: Int) throws {
        let fault = Self.faults[number]
        let directory = try shell("mktemp -d").trimmingCharacters(in: .whitespacesAndNewlines)
        defer { _ = try? shell("rm -rf \(directory)") }
        let make = fault.make.replacing("SECRET", with: Self.secret).replacing("FILE", with: directory + "/psk")
        try shell("umask 077; " + make)
        let error = #expect(throws: PresharedKeyError.self) {
            try PresharedKeys(file: directory + "/psk", overlay: "net", own: key(1))
        }
        let text = "\(try #require(error))"
        #expect(text.contains("\(directory)/psk \(fault.reason)"), "\(fault.name)")
        #expect(!text.contains(Self.secret) && !text.contains("AAECAw"))
    }

    @Test(arguments: ["\n", "\r\n", ""])
    func aLineAsWgGenpskPrintsItIsTaken(end: String) throws {
        let path = try shell("mktemp").trimmingCharacters(in: .whitespacesAndNewlines)
        defer { _ = try? shell("rm -f \(path)") }
        try shell("printf '\(Self.secret)\(end.replacing("\r", with: "\\r").replacing("\n", with: "\\n"))' >\(path)")
        let keys = try PresharedKeys(file: path, overlay: "net", own: key(1))
        #expect(keys.fingerprint(for: try key(2)) == (try presharedKeys(own: key(1))).fingerprint(for: try key(2)))
    }

    // MARK: On the wire

    @Test func bothProtocolsCarryThePairsKeyAndNone() throws {
        let (own, peer, other) = (try key(1), try key(2), try key(3))
        var configuration = DeviceConfiguration(
            interface: "wg0",
            peers: [
                PeerConfiguration(.update, peer, presharedKey: .derived),
                PeerConfiguration(.update, other, presharedKey: PeerConfiguration.PresharedKey.none),
            ])
        configuration.presharedKeys = try presharedKeys(own: own)
        let hex = try hex(presharedKeys(own: own), for: peer)
        let text = try UAPIRequest.set(configuration).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        #expect(
            text == """
                set=1
                public_key=\(peer.hex)
                update_only=true
                preshared_key=\(hex)
                public_key=\(other.hex)
                update_only=true
                preshared_key=\(String(repeating: "0", count: 64))


                """)
        let family = GenericNetlinkFamily(id: 0x1d, name: "wireguard", version: 1, multicastGroups: [:])
        let message = DeviceAttributes.set(configuration, family: family)
        let bytes = stride(from: 0, to: 64, by: 2).map { offset in
            UInt8(hex.dropFirst(offset).prefix(2), radix: 16) ?? 0
        }
        var expected: [UInt8] = [84, 0, 0, 0x80, 36, 0, 1, 0] + peer.bytes
        expected += [8, 0, 3, 0, 4, 0, 0, 0]  // UPDATE_ONLY
        expected += [36, 0, 2, 0] + bytes  // WGPEER_A_PRESHARED_KEY
        expected += [84, 0, 0, 0x80, 36, 0, 1, 0] + other.bytes + [8, 0, 3, 0, 4, 0, 0, 0]
        expected += [36, 0, 2, 0] + [UInt8](repeating: 0, count: 32)
        #expect(Array(message.bytes.suffix(expected.count)) == expected)
    }

    /// Growing would leave a copy behind that nobody wipes.
    @Test func aMessageWithKeysNeverGrows() throws {
        var configuration = DeviceConfiguration(
            interface: "wg0",
            peers: try (0..<1000).map {
                PeerConfiguration(
                    .add, try examplePublicKey($0), endpoint: try socketAddress("2001:db8::1", 7),
                    persistentKeepalive: 1, presharedKey: .derived, allowedIPs: [try cidr("fd00:\($0)::/64")])
            })
        configuration.presharedKeys = try presharedKeys(own: key(1))
        let family = GenericNetlinkFamily(id: 0x1d, name: "wireguard", version: 1, multicastGroups: [:])
        let parts = configuration.parts(below: DeviceAttributes.messageLimit)
        #expect(parts.count > 1 && parts.flatMap(\.peers) == configuration.peers)
        for part in parts {
            let message = DeviceAttributes.set(part, family: family)
            #expect(message.buildError == nil && message.count <= DeviceAttributes.messageLimit)
            let empty = family.message(1, capacity: DeviceAttributes.secretCapacity)
            #expect(message.capacity == empty.capacity)
        }
    }

    @Test func aKeyWhoseSecretHasChangedSinceIsNotSet() throws {
        let (own, peer) = (try key(1), try key(2))
        let fingerprint = try presharedKeys(own: own).fingerprint(for: peer)
        let plan = try #require(
            DevicePlan.gather([
                .updatePeer(
                    interface: "wg0", PeerUpdate(node: "n", publicKey: peer, presharedKey: .set(fingerprint)))
            ]).first)
        for keys in [nil, try presharedKeys(own: own, overlay: "more")] {
            #expect(throws: WireGuardError.presharedKeyMissing(interface: "wg0")) {
                try plan.configuration(key: nil, presharedKeys: keys, throwaway: nil)
            }
        }
        let configuration = try plan.configuration(
            key: nil, presharedKeys: try presharedKeys(own: own), throwaway: nil)
        #expect(configuration.peers == [PeerConfiguration(.update, peer, presharedKey: .derived)])
    }
}

func presharedKeys(
    own: PublicKey, overlay: String = "net", secret: String = PresharedKeyTests.secret
) throws -> PresharedKeys {
    let secret = try Array(secret.utf8).withUnsafeBytes { try PresharedSecret(base64: $0) }
    return PresharedKeys(secret: try #require(secret), overlay: overlay, own: own)
}

extension PresharedKeys {
    fileprivate static func fingerprint(hex: [UInt8]) -> KeyFingerprint? {
        hex.withUnsafeBytes { fingerprint(hex: $0) }
    }
}

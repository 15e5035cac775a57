internal import CSodium
public import HostState
public import NetAddress

/// The preshared keys of a host's pairs in one overlay, derived from the overlay's one secret.
///
/// Each pair of nodes has a key of its own: BLAKE2b-256, keyed with the secret, of a constant, the overlay's name and
/// both public keys, the smaller first. So both ends derive the same key, and a leaked key opens no other pair. Only
/// the secret is kept in memory; a key is derived when it is needed and wiped at once.
public struct PresharedKeys: Sendable {
    private let secret: PresharedSecret
    private let overlay: String
    private let own: PublicKey

    static let byteCount = 32
    private static let domain = "wgctl preshared key 1"

    /// Reads the overlay's secret. Blocks, on a local file.
    ///
    /// - Parameter own: this host's public key.
    /// - Throws: `PresharedKeyError`.
    public init(file path: String, overlay: String, own: PublicKey) throws(PresharedKeyError) {
        self.init(secret: try PresharedSecret.read(path), overlay: overlay, own: own)
    }

    init(secret: PresharedSecret, overlay: String, own: PublicKey) {
        self.secret = secret
        self.overlay = overlay
        self.own = own
    }

    /// The fingerprint of the key that this host shares with `peer`.
    public func fingerprint(for peer: PublicKey) -> KeyFingerprint {
        withKey(for: peer) { PresharedKeys.fingerprint(of: $0) }
    }

    /// The 32 bytes of a pair's key, which must not outlive `body`.
    func withKey<R>(for peer: PublicKey, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let (first, second) = own < peer ? (own, peer) : (peer, own)
        // The name of an overlay has no NUL, so no two overlays share a text.
        let text = Array(PresharedKeys.domain.utf8) + [0] + Array(overlay.utf8) + [0] + first.bytes + second.bytes
        return PresharedKeys.withWipedKey { key in
            secret.withUnsafeBytes { secret in
                _ = crypto_generichash(
                    key, PresharedKeys.byteCount, text, UInt64(text.count),
                    secret.baseAddress?.assumingMemoryBound(to: UInt8.self), secret.count)
            }
            return body(UnsafeRawBufferPointer(start: key, count: PresharedKeys.byteCount))
        }
    }

    /// Memory for a key, wiped when `body` returns.
    private static func withWipedKey<R>(_ body: (UnsafeMutablePointer<UInt8>) -> R) -> R {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        return withUnsafeMutablePointer(to: &words) { words in
            defer { sodium_memzero(words, byteCount) }
            return words.withMemoryRebound(to: UInt8.self, capacity: byteCount, body)
        }
    }

    /// nil for 32 zeros, which mean no key in both implementations.
    static func fingerprint(observed key: UnsafeRawBufferPointer) -> KeyFingerprint? {
        key.allSatisfy { $0 == 0 } ? nil : fingerprint(of: key)
    }

    private static func fingerprint(of key: UnsafeRawBufferPointer) -> KeyFingerprint {
        var digest = [UInt8](repeating: 0, count: 16)
        let bytes = key.baseAddress?.assumingMemoryBound(to: UInt8.self)
        crypto_generichash(
            &digest, digest.count, bytes, UInt64(key.count), fingerprintKey, fingerprintKey.count)
        return KeyFingerprint(bytes: digest)
    }

    private static let fingerprintKey: [UInt8] = {
        var key = [UInt8](repeating: 0, count: 32)
        randombytes_buf(&key, key.count)
        return key
    }()
}

extension PresharedKeys {
    /// From 64 hexadecimal digits, as the userspace UAPI writes keys; nil for none, and for anything else.
    static func fingerprint(hex text: UnsafeRawBufferPointer) -> KeyFingerprint? {
        withWipedKey { key in
            var length = 0
            let digits = text.baseAddress?.assumingMemoryBound(to: CChar.self)
            let status = sodium_hex2bin(key, byteCount, digits, text.count, nil, &length, nil)
            guard status == 0, length == byteCount else { return nil }
            return fingerprint(observed: UnsafeRawBufferPointer(start: key, count: length))
        }
    }

    /// Appends a pair's key as hexadecimal text to secret memory.
    func append(keyFor peer: PublicKey, toHex target: SecretBytes) throws(KeyStoreError) {
        let size = PresharedKeys.byteCount * 2
        // The encoder writes a NUL at the end, which is dropped.
        _ = try target.append(room: size + 1) { room in
            guard let text = room.baseAddress?.assumingMemoryBound(to: CChar.self) else { return 0 }
            withKey(for: peer) { key in
                guard let bytes = key.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
                sodium_bin2hex(text, room.count, bytes, key.count)
            }
            return size
        }
    }
}

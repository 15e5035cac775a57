internal import Foundation

/// A WireGuard public key: 32 bytes of Curve25519 (RFC 7748), printed as base64 like `wg pubkey` does.
public struct PublicKey: Hashable, Sendable {
    // Four words in place of an array, which would be an allocation for each of thousands of keys; the first byte is
    // the first word's highest.
    private let words: (UInt64, UInt64, UInt64, UInt64)

    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var rest = bytes.makeIterator()
        func word() -> UInt64 { (0..<8).reduce(0) { word, _ in word << 8 | UInt64(rest.next() ?? 0) } }
        words = (word(), word(), word(), word())
    }

    /// 32 bytes.
    public var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    /// Parses 44 characters of base64 that hold exactly 32 bytes.
    public init?(_ base64: String) {
        guard base64.utf8.count == 44, let data = Data(base64Encoded: base64), data.count == 32,
            data.base64EncodedString() == base64
        else { return nil }
        self.init(bytes: data)
    }

    /// Lower-case hexadecimal, as the userspace UAPI writes keys.
    public var hex: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

extension PublicKey: CustomStringConvertible {
    public var description: String { Data(bytes).base64EncodedString() }
}

extension PublicKey: Comparable {
    public static func < (a: PublicKey, b: PublicKey) -> Bool { a.words < b.words }
}

extension PublicKey {
    public static func == (a: PublicKey, b: PublicKey) -> Bool { a.words == b.words }

    /// Keys are random: one word tells them apart.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.3) }
}

extension PublicKey: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decodeText(from: decoder, as: "a WireGuard public key", PublicKey.init(_:))
    }

    public func encode(to encoder: any Encoder) throws { try encodeText(description, to: encoder) }
}

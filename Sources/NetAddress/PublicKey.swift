internal import Foundation

/// A WireGuard public key: 32 bytes of Curve25519 (RFC 7748), printed as base64 like `wg pubkey` does.
public struct PublicKey: Hashable, Sendable {
    /// 32 bytes.
    public let bytes: [UInt8]

    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Parses 44 characters of base64 that hold exactly 32 bytes.
    public init?(_ base64: String) {
        guard base64.utf8.count == 44, let data = Data(base64Encoded: base64), data.count == 32,
            data.base64EncodedString() == base64
        else { return nil }
        self.bytes = Array(data)
    }

    /// Lower-case hexadecimal, as the userspace UAPI writes keys.
    public var hex: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

extension PublicKey: CustomStringConvertible {
    public var description: String { Data(bytes).base64EncodedString() }
}

extension PublicKey: Comparable {
    public static func < (a: PublicKey, b: PublicKey) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
}

extension PublicKey: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decodeText(from: decoder, as: "a WireGuard public key", PublicKey.init(_:))
    }

    public func encode(to encoder: any Encoder) throws { try encodeText(description, to: encoder) }
}

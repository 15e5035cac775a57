internal import Glibc

/// An IPv4 or IPv6 address, compared and ordered by family, then numerically.
///
/// Text follows RFC 5952 for IPv6 and strict dotted decimal for IPv4: no leading zeros, no zone identifiers.
public struct IPAddress: Hashable, Sendable {
    public enum Family: UInt8, Sendable, Comparable, CaseIterable {
        case v4 = 4
        case v6 = 6

        /// The width of an address in bits: 32 or 128.
        public var bitWidth: Int { self == .v4 ? 32 : 128 }

        public static func < (a: Family, b: Family) -> Bool { a.rawValue < b.rawValue }
    }

    // Two halves and not a UInt128, whose alignment would make every address a third larger: hosts hold thousands.
    let high: UInt64
    let low: UInt64
    public let family: Family

    /// The address as a number; an IPv4 address uses the low 32 bits.
    public var value: UInt128 { UInt128(high) << 64 | UInt128(low) }

    public init(family: Family, value: UInt128) {
        precondition(family == .v6 || value <= UInt128(UInt32.max), "an IPv4 address has 32 bits")
        self.family = family
        high = UInt64(truncatingIfNeeded: value >> 64)
        low = UInt64(truncatingIfNeeded: value)
    }

    /// An IPv4 address from its number in host byte order.
    public init(v4 value: UInt32) { self.init(family: .v4, value: UInt128(value)) }

    /// Network byte order: 4 bytes are IPv4, 16 bytes are IPv6; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.init(family: bytes.count == 4 ? .v4 : .v6, value: bytes.reduce(0) { $0 << 8 | UInt128($1) })
    }

    /// Parses strict text; nil for leading zeros (`010.0.0.1`), zone ids, IPv4-mapped IPv6 and anything else odd.
    public init?(_ text: String) {
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        if text.utf8.contains(UInt8(ascii: ":")) {
            var raw = in6_addr()
            guard inet_pton(AF_INET6, text, &raw) == 1 else { return nil }
            let bytes = withUnsafeBytes(of: &raw) { Array($0) }
            let isMapped = bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
            guard !isMapped else { return nil }
            self.init(bytes: bytes)
        } else {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 4 else { return nil }
            var value: UInt32 = 0
            for part in parts {
                guard part.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let octet = UInt8(part),
                    part.count == 1 || part.first != "0"
                else { return nil }
                value = value << 8 | UInt32(octet)
            }
            self.init(v4: value)
        }
    }

    /// 4 or 16 bytes in network byte order.
    public var bytes: [UInt8] {
        let count = family.bitWidth / 8
        return (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt128((count - 1 - $0) * 8)) }
    }

    /// The CIDR that holds this address alone: `/32` or `/128`.
    public var hostCIDR: CIDR { CIDR(containing: self, prefixLength: family.bitWidth) }

    public var isLoopback: Bool { family == .v4 ? value >> 24 == 127 : value == 1 }
    /// `224.0.0.0/4` (RFC 1112) or `ff00::/8` (RFC 4291).
    public var isMulticast: Bool { family == .v4 ? value >> 28 == 0xe : value >> 120 == 0xff }
    public var isUnspecified: Bool { value == 0 }
    /// `169.254.0.0/16` (RFC 3927) or `fe80::/10` (RFC 4291).
    public var isLinkLocal: Bool { family == .v4 ? value >> 16 == 0xa9fe : value >> 118 == 0x3fa }
}

extension IPAddress: CustomStringConvertible {
    public var description: String {
        let bytes = bytes
        guard family == .v6 else { return bytes.map { String($0) }.joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = bytes.withUnsafeBytes { inet_ntop(AF_INET6, $0.baseAddress, &text, socklen_t(INET6_ADDRSTRLEN)) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension IPAddress: Comparable {
    public static func < (a: IPAddress, b: IPAddress) -> Bool {
        a.family == b.family ? (a.high, a.low) < (b.high, b.low) : a.family < b.family
    }
}

extension IPAddress {
    /// One word tells IPv4 addresses apart.
    public func hash(into hasher: inout Hasher) {
        if family == .v6 { hasher.combine(high) }
        hasher.combine(low)
    }
}

extension IPAddress: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decodeText(from: decoder, as: "an IP address", IPAddress.init(_:))
    }

    public func encode(to encoder: any Encoder) throws { try encodeText(description, to: encoder) }
}

/// Decodes a single string through a failable parser.
///
/// - Throws: `DecodingError.dataCorrupted` naming the text and what was expected.
func decodeText<T>(from decoder: any Decoder, as what: String, _ parse: (String) -> T?) throws -> T {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = parse(text) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is not \(what)")
    }
    return value
}

func encodeText(_ text: String, to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
}

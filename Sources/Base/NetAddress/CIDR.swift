/// An IP prefix such as `10.0.0.0/24`; the bits after the prefix are zero.
public struct CIDR: Hashable, Sendable {
    /// The network address: the lowest address of the prefix.
    public let address: IPAddress
    private let length: UInt8

    /// 0 to 32, or 0 to 128.
    public var prefixLength: Int { Int(length) }

    public init(containing address: IPAddress, prefixLength: Int) {
        precondition((0...address.family.bitWidth).contains(prefixLength), "prefix length out of range")
        let hostBits = UInt128(address.family.bitWidth - prefixLength)
        let mask: UInt128 = hostBits >= 128 ? 0 : UInt128.max << hostBits
        self.address = IPAddress(family: address.family, value: address.value & mask)
        length = UInt8(prefixLength)
    }

    /// Why a text is not a CIDR, in words that fit after the quoted text.
    public enum ParseError: Error, Hashable, CustomStringConvertible {
        case missingPrefixLength
        case badAddress
        case badPrefixLength(IPAddress.Family)
        case hostBitsSet(canonical: CIDR)

        public var description: String {
            switch self {
            case .missingPrefixLength: "is not a CIDR: write ADDRESS/PREFIXLENGTH, such as 10.0.0.0/24"
            case .badAddress: "is not a CIDR: the address must be plain IPv4 or IPv6, without leading zeros or a zone"
            case .badPrefixLength(let family):
                "is not a CIDR: the prefix length of IP\(family) is 0 to \(family.bitWidth)"
            case .hostBitsSet(let canonical): "has host bits set: write \(canonical)"
            }
        }
    }

    /// Parses `ADDRESS/LENGTH` strictly.
    public init(parsing text: String) throws(ParseError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .missingPrefixLength }
        guard let address = IPAddress(String(parts[0])) else { throw .badAddress }
        guard let length = Int(parts[1]), String(length) == parts[1], (0...address.family.bitWidth).contains(length)
        else { throw .badPrefixLength(address.family) }
        let cidr = CIDR(containing: address, prefixLength: length)
        guard cidr.address == address else { throw .hostBitsSet(canonical: cidr) }
        self = cidr
    }

    /// As `init(parsing:)`, nil in place of the reason.
    public init?(_ text: String) {
        guard let cidr = try? CIDR(parsing: text) else { return nil }
        self = cidr
    }

    /// One word tells IPv4 prefixes apart.
    public func hash(into hasher: inout Hasher) {
        if family == .v6 { hasher.combine(address.high) }
        hasher.combine(address.low ^ UInt64(length) << 56)
    }

    public var family: IPAddress.Family { address.family }

    /// Whether this is one address alone: `/32` or `/128`.
    public var isHost: Bool { prefixLength == family.bitWidth }

    /// The highest address of the prefix; for IPv4 the broadcast address.
    public var lastAddress: IPAddress {
        let hostBits = UInt128(family.bitWidth - prefixLength)
        let hostMask: UInt128 = hostBits >= 128 ? .max : (1 << hostBits) - 1
        return IPAddress(family: family, value: address.value | hostMask)
    }

    public func contains(_ other: IPAddress) -> Bool {
        other.family == family && address <= other && other <= lastAddress
    }

    public func contains(_ other: CIDR) -> Bool {
        other.prefixLength >= prefixLength && contains(other.address)
    }

    public func overlaps(_ other: CIDR) -> Bool { contains(other) || other.contains(self) }
}

extension CIDR: CustomStringConvertible {
    public var description: String { "\(address)/\(prefixLength)" }
}

extension CIDR: Comparable {
    public static func < (a: CIDR, b: CIDR) -> Bool {
        a.address == b.address ? a.prefixLength < b.prefixLength : a.address < b.address
    }
}

extension CIDR: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decodeText(from: decoder, as: "a CIDR", CIDR.init(_:))
    }

    public func encode(to encoder: any Encoder) throws { try encodeText(description, to: encoder) }
}

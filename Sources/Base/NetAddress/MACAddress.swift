/// A 48-bit Ethernet address, printed as six lower-case hexadecimal pairs.
public struct MACAddress: Hashable, Sendable {
    /// Six bytes in transmission order.
    public let bytes: [UInt8]

    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 6 else { return nil }
        self.bytes = Array(bytes)
    }

    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { $0.utf8.count == 2 ? UInt8($0, radix: 16) : nil }
        guard parts.count == 6, bytes.count == 6 else { return nil }
        self.bytes = bytes
    }

    /// A stable unicast address from a name: locally administered (bit 1 of the first byte, IEEE 802), never multicast.
    public init(derivedFrom name: String) {
        // FNV-1a, 64 bits (RFC 9923): only spread is wanted here, not secrecy.
        let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var bytes = (0..<6).map { UInt8(truncatingIfNeeded: hash >> (UInt64($0) * 8)) }
        bytes[0] = bytes[0] & 0xfc | 0x02
        self.bytes = bytes
    }
}

extension MACAddress: CustomStringConvertible {
    public var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}

extension MACAddress: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decodeText(from: decoder, as: "a MAC address", MACAddress.init(_:))
    }

    public func encode(to encoder: any Encoder) throws { try encodeText(description, to: encoder) }
}

internal import NetAddress

/// An echo request or reply: ICMP (RFC 792) types 8 and 0, ICMPv6 (RFC 4443) types 128 and 129.
struct EchoMessage: Hashable {
    static let nonceLength = 16

    var identifier: UInt16
    var sequence: UInt16
    /// Random bytes, so that a reply to another program or an old one is not mistaken for ours.
    var nonce: [UInt8]
    /// Number of zero bytes after the nonce, for a packet of the requested size.
    var padding = 0

    /// The bytes of padding that make an IP packet of `size` bytes; 0 when it is longer anyway.
    static func padding(toSize size: Int, _ family: IPAddress.Family) -> Int {
        max(0, size - (family == .v4 ? 20 : 40) - 8 - nonceLength)
    }

    /// The request as it goes on the wire. The kernel fills in the checksum of ICMPv6, which covers addresses.
    func request(_ family: IPAddress.Family) -> [UInt8] {
        var bytes: [UInt8] = [family == .v4 ? 8 : 128, 0, 0, 0]
        bytes += identifier.networkBytes + sequence.networkBytes + nonce + [UInt8](repeating: 0, count: padding)
        if family == .v4 { bytes.replaceSubrange(2..<4, with: internetChecksum(bytes).networkBytes) }
        return bytes
    }

    /// Parses a received reply; nil for anything else.
    ///
    /// - Parameter packet: what the raw socket gives: with the IP header for IPv4, without for IPv6.
    init?(reply packet: ArraySlice<UInt8>, _ family: IPAddress.Family) {
        var message = packet
        if family == .v4 {
            guard let first = packet.first, first >> 4 == 4 else { return nil }
            message = packet.dropFirst(Int(first & 15) * 4)
            guard internetChecksum(message) == 0 else { return nil }
        }
        let bytes = Array(message)
        guard bytes.count >= 8 + EchoMessage.nonceLength, bytes[0] == (family == .v4 ? 0 : 129), bytes[1] == 0 else {
            return nil
        }
        identifier = UInt16(bytes[4]) << 8 | UInt16(bytes[5])
        sequence = UInt16(bytes[6]) << 8 | UInt16(bytes[7])
        nonce = Array(bytes[8..<8 + EchoMessage.nonceLength])
        padding = bytes.count - 8 - EchoMessage.nonceLength
    }

    init(identifier: UInt16, sequence: UInt16, nonce: [UInt8], padding: Int = 0) {
        self.identifier = identifier
        self.sequence = sequence
        self.nonce = nonce
        self.padding = padding
    }
}

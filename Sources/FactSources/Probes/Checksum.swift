/// The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit words.
func internetChecksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
    var sum: UInt32 = 0
    var isHigh = true
    for byte in bytes {
        sum += isHigh ? UInt32(byte) << 8 : UInt32(byte)
        isHigh.toggle()
    }
    while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(truncatingIfNeeded: sum)
}

extension UInt16 {
    /// Two bytes in network order.
    var networkBytes: [UInt8] { [UInt8(self >> 8), UInt8(self & 255)] }
}

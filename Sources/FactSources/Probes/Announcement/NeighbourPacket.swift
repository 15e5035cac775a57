public import NetAddress

/// The Ethernet frames that tell neighbours where an address lives now.
public enum NeighbourPacket {
    /// An ARP announcement (RFC 5227, section 3): sender and target are both `address`, sent to everyone.
    ///
    /// - Parameter isReply: as an ARP reply, which some systems heed when they do not heed the request; RFC 5227
    ///   itself demands requests.
    public static func arpAnnouncement(_ address: IPAddress, at mac: MACAddress, isReply: Bool) -> [UInt8] {
        let broadcast = [UInt8](repeating: 0xff, count: 6)
        let ethernet = broadcast + mac.bytes + [0x08, 0x06]
        // Hardware type Ethernet, protocol IPv4, lengths 6 and 4, operation (RFC 826).
        let head: [UInt8] = [0, 1, 0x08, 0, 6, 4, 0, isReply ? 2 : 1]
        // Linux takes a gratuitous reply only when its target hardware address is the sender's too.
        let target = isReply ? mac.bytes : [UInt8](repeating: 0, count: 6)
        return ethernet + head + mac.bytes + address.bytes + target + address.bytes
    }

    /// An unsolicited neighbour advertisement (RFC 4861, section 7.2.6) with the override flag, to all nodes.
    public static func neighbourAdvertisement(_ address: IPAddress, at mac: MACAddress) -> [UInt8] {
        let allNodes = [0xff, 0x02] + [UInt8](repeating: 0, count: 13) + [1]
        // IPv6 multicast maps to 33:33 and the last four bytes (RFC 2464).
        let ethernet: [UInt8] = [0x33, 0x33, 0, 0, 0, 1] + mac.bytes + [0x86, 0xdd]
        // Type 136, flags: neither router nor solicited, override; then option 2, target link-layer address.
        var message: [UInt8] = [136, 0, 0, 0, 0x20, 0, 0, 0] + address.bytes + [2, 1] + mac.bytes
        let length = UInt16(message.count).networkBytes
        let pseudoHeader = address.bytes + allNodes + [0, 0] + length + [0, 0, 0, 58]
        message.replaceSubrange(2..<4, with: internetChecksum(pseudoHeader + message).networkBytes)
        // Version 6, next header ICMPv6, hop limit 255: receivers drop anything that was forwarded.
        let header = [0x60, 0, 0, 0] + length + [58, 255] + address.bytes + allNodes
        return ethernet + header + message
    }
}

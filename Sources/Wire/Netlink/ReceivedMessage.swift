internal import CLinux
internal import CMnl

/// One message from the kernel. Its bytes lie in the socket's buffer: read them before the callback returns.
public struct ReceivedMessage {
    /// `nlmsg_type`.
    public let type: UInt16
    /// `nlmsg_flags`.
    public let flags: UInt16
    /// The request that this answers, or that caused this notification.
    public let sequence: UInt32
    /// The port id of the socket whose request this answers, or which caused this notification; 0 is the kernel.
    public let portID: UInt32
    /// Everything after the netlink header.
    public let payload: ArraySlice<UInt8>

    /// The family's own header; nil when the payload is too short for it.
    public func header<Header: BitwiseCopyable>(_: Header.Type) -> Header? {
        guard payload.count >= MemoryLayout<Header>.size else { return nil }
        return payload.withUnsafeBytes { $0.loadUnaligned(as: Header.self) }
    }

    /// The bytes after the family's own header.
    public func attributes<Header: BitwiseCopyable>(after _: Header.Type) -> AttributeDecoder {
        AttributeDecoder(payload.dropFirst((MemoryLayout<Header>.size + 3) & ~3))
    }

    /// Splits one datagram into messages; false when its end does not parse.
    static func forEach(
        in datagram: ArraySlice<UInt8>, _ body: (ReceivedMessage) throws -> Void
    ) rethrows -> Bool {
        var rest = datagram
        while rest.count >= MemoryLayout<nlmsghdr>.size {
            let header = rest.withUnsafeBytes { $0.loadUnaligned(as: nlmsghdr.self) }
            let length = Int(header.nlmsg_len)
            guard length >= MemoryLayout<nlmsghdr>.size, length <= rest.count else { return false }
            let payload = rest[(rest.startIndex + MemoryLayout<nlmsghdr>.size)..<(rest.startIndex + length)]
            try body(
                ReceivedMessage(
                    type: header.nlmsg_type, flags: header.nlmsg_flags, sequence: header.nlmsg_seq,
                    portID: header.nlmsg_pid, payload: payload))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return rest.isEmpty
    }
}

internal import CLinux
internal import CMnl
internal import Glibc

/// A request under construction: the netlink header, the family's own header, then attributes.
///
/// A failure while building (a value or message that is too long) is kept in `buildError`, and every later call does
/// nothing; sending reports it. So callers check once.
public struct NetlinkMessage: Sendable {
    /// What did not fit.
    public enum BuildError: Error, Hashable, Sendable, CustomStringConvertible {
        /// An attribute's length has 16 bits.
        case attributeTooLong(type: UInt16)
        /// A message must fit a batch of `NetlinkMessage.maximumLength`.
        case messageTooLong
        /// `wipe` was called.
        case wiped

        public var description: String {
            switch self {
            case .attributeTooLong(let type): "attribute \(type) is over 64 KiB: split the request"
            case .messageTooLong: "the request is over 64 KiB: split it"
            case .wiped: "the request was wiped: build it again"
            }
        }
    }

    /// Bytes: what one send carries.
    public static let maximumLength = 65_536

    /// The first failure.
    public private(set) var buildError: BuildError?
    /// A whole number of 4-byte words; the first `count` bytes are the message. Arrays are aligned well beyond the 4
    /// bytes that libmnl needs.
    private var storage: [UInt8]

    /// Bytes that it can hold without growing, which leaves a copy behind.
    var capacity: Int { storage.count }

    /// Bytes so far; always a multiple of 4.
    public private(set) var count: Int

    /// - Parameters:
    ///   - type: `nlmsg_type`.
    ///   - flags: `NLM_F_*` beyond `NLM_F_REQUEST`, `NLM_F_ACK` and `NLM_F_DUMP`, which sending adds.
    ///   - header: the family's header, such as `ifinfomsg`.
    ///   - capacity: bytes that it takes without growing, for one that holds a secret.
    public init<Header: BitwiseCopyable>(type: UInt16, flags: UInt16 = 0, header: Header, capacity: Int = 256) {
        let headerSize = MemoryLayout<Header>.size
        storage = [UInt8](repeating: 0, count: (max(capacity, 64 + headerSize) + 3) & ~3)
        count = storage.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress, let message = mnl_nlmsg_put_header(base) else { return 0 }
            message.pointee.nlmsg_type = type
            message.pointee.nlmsg_flags = flags
            withUnsafeBytes(of: header) { header in
                guard let source = header.baseAddress else { return }
                mnl_nlmsg_put_extra_header(message, headerSize)?.copyMemory(from: source, byteCount: headerSize)
            }
            return Int(message.pointee.nlmsg_len + 3) & ~3
        }
    }

    /// The message as it goes on the wire, without sequence number.
    public var bytes: ArraySlice<UInt8> { storage[..<count] }

    /// Adds an attribute.
    public mutating func put(_ type: UInt16, bytes value: some Collection<UInt8>) {
        let isDone: Void? = value.withContiguousStorageIfAvailable { put(type, UnsafeRawBufferPointer($0)) }
        if isDone == nil { Array(value).withUnsafeBytes { put(type, $0) } }
    }

    /// Adds an integer in host byte order.
    public mutating func put<Value: FixedWidthInteger & BitwiseCopyable>(_ type: UInt16, _ value: Value) {
        withUnsafeBytes(of: value) { put(type, $0) }
    }

    /// Adds a text with the NUL that the kernel's `NLA_NUL_STRING` asks for.
    public mutating func put(_ type: UInt16, string: String) { put(type, bytes: Array(string.utf8) + [0]) }

    /// Adds an attribute whose presence says all (`NLA_FLAG`).
    public mutating func putFlag(_ type: UInt16) { put(type, bytes: []) }

    /// Adds an attribute that holds what `body` adds.
    ///
    /// - Parameter marked: sets `NLA_F_NESTED`, as newer families ask; rtnetlink's `IFLA_LINKINFO` takes either.
    public mutating func nest(_ type: UInt16, marked: Bool = true, _ body: (inout NetlinkMessage) -> Void) {
        let start = count
        put(marked ? type | UInt16(NLA_F_NESTED) : type, bytes: [])
        body(&self)
        guard buildError == nil else { return }
        // Fits: a message is not longer than 64 KiB, and its header comes first.
        let length = UInt16(count - start)
        storage.withUnsafeMutableBytes { $0.storeBytes(of: length, toByteOffset: start, as: UInt16.self) }
    }

    /// Adds the family header of a nested message, such as the `ifinfomsg` inside `VETH_INFO_PEER`.
    public mutating func append<Header: BitwiseCopyable>(header: Header) {
        let size = (MemoryLayout<Header>.size + 3) & ~3
        guard buildError == nil, reserve(size) else { return }
        withUnsafeBytes(of: header) { header in
            storage.withUnsafeMutableBytes {
                UnsafeMutableRawBufferPointer(rebasing: $0[count...]).copyMemory(from: header)
            }
        }
        count += size
        setLength()
    }

    /// Overwrites the message with zeros, for one that holds a secret. It can't be sent any more.
    ///
    /// Building must not have grown it beyond its capacity after the secret went in: growing leaves a copy behind.
    public mutating func wipe() {
        storage.withUnsafeMutableBytes { bytes in
            if let base = bytes.baseAddress { explicit_bzero(base, bytes.count) }
        }
        buildError = .wiped
    }

    private mutating func put(_ type: UInt16, _ value: UnsafeRawBufferPointer) {
        guard buildError == nil else { return }
        guard value.count <= Int(UInt16.max) - 4 else {
            buildError = .attributeTooLong(type: type)
            return
        }
        guard reserve(4 + value.count + 3) else { return }
        // An empty buffer has no address, and memcpy takes none even for nothing.
        var empty: UInt8 = 0
        count = storage.withUnsafeMutableBytes { buffer in
            guard let message = buffer.baseAddress?.assumingMemoryBound(to: nlmsghdr.self) else { return count }
            if let address = value.baseAddress {
                mnl_attr_put(message, type, value.count, address)
            } else {
                mnl_attr_put(message, type, 0, &empty)
            }
            return Int(message.pointee.nlmsg_len + 3) & ~3
        }
    }

    private mutating func reserve(_ size: Int) -> Bool {
        guard count + size <= NetlinkMessage.maximumLength else {
            buildError = .messageTooLong
            return false
        }
        if count + size > storage.count {
            storage.append(contentsOf: repeatElement(0, count: max(storage.count, size)))
        }
        return true
    }

    private mutating func setLength() {
        let length = UInt32(count)
        storage.withUnsafeMutableBytes { $0.storeBytes(of: length, toByteOffset: 0, as: UInt32.self) }
    }
}

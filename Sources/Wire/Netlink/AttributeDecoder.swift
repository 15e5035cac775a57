internal import CLinux

/// Walks the attributes of a message, or those nested in one of them.
///
///     var attributes = AttributeDecoder(message.attributes(after: ifinfomsg.self))
///     while let type = attributes.next() {
///         switch type {
///         case LinkAttribute.mtu: mtu = attributes.integer(UInt32.self)
///         default: break
///         }
///     }
///     try attributes.check()
///
/// A malformed attribute ends the walk; a value of the wrong size reads as zero; either is remembered for `check`.
public struct AttributeDecoder {
    /// Why the bytes are not attributes.
    public enum DecodingError: Error, Hashable, Sendable {
        case malformed
        case wrongSize(type: UInt16, expected: Int, found: Int)
    }

    /// The first failure.
    public private(set) var error: DecodingError?
    /// The payload of the attribute that `next` returned last.
    public private(set) var payload: ArraySlice<UInt8>

    private var rest: ArraySlice<UInt8>
    private var type: UInt16 = 0

    public init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
        payload = bytes[bytes.endIndex...]
    }

    /// Goes to the next attribute: its type without `NLA_F_NESTED` and `NLA_F_NET_BYTEORDER`, nil at the end.
    public mutating func next() -> UInt16? {
        guard error == nil, rest.count >= 4 else {
            if !rest.isEmpty { error = error ?? .malformed }
            return nil
        }
        let (length, rawType) = rest.withUnsafeBytes {
            (Int($0.loadUnaligned(as: UInt16.self)), $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        }
        guard length >= 4, length <= rest.count else {
            error = .malformed
            return nil
        }
        payload = rest[(rest.startIndex + 4)..<(rest.startIndex + length)]
        // The last attribute may lack its padding.
        rest = rest.dropFirst((length + 3) & ~3)
        type = rawType & 0x3fff  // NLA_TYPE_MASK
        return type
    }

    /// The payload as an integer in host byte order; 0 and a remembered failure if its size is another.
    public mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type) -> Value {
        load(Value.self) ?? 0
    }

    /// The payload as a C structure of at most its size; nil and a remembered failure if it is shorter.
    ///
    /// The kernel appends fields to its structures, so a longer payload is fine.
    public mutating func structure<Value: BitwiseCopyable>(_: Value.Type) -> Value? {
        let size = MemoryLayout<Value>.size
        guard payload.count >= size else {
            error = error ?? .wrongSize(type: type, expected: size, found: payload.count)
            return nil
        }
        return payload.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
    }

    /// The payload as text, up to the first NUL.
    public func string() -> String { String(decoding: payload.prefix { $0 != 0 }, as: UTF8.self) }

    /// The attributes inside this one. Their failures are their own: check them too.
    public func nested() -> AttributeDecoder { AttributeDecoder(payload) }

    /// Throws the first failure.
    public func check() throws(DecodingError) { if let error { throw error } }

    private mutating func load<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type) -> Value? {
        let size = MemoryLayout<Value>.size
        guard payload.count == size else {
            error = error ?? .wrongSize(type: type, expected: size, found: payload.count)
            return nil
        }
        return payload.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
    }
}

/// A JSON value with exactly one text: no white space, the keys of an object in the order of their bytes.
///
/// The text is hashed and the hash lives for years in the labels of containers and networks, so it depends only on this
/// file: not on the options of an encoder, nor on code that a compiler synthesises.
enum CanonicalJSON: Hashable, Sendable {
    case string(String)
    case integer(Int64)
    case boolean(Bool)
    case array([CanonicalJSON])
    case object([String: CanonicalJSON])

    /// An object without the keys whose value is nil.
    static func fields(_ pairs: KeyValuePairs<String, CanonicalJSON?>) -> CanonicalJSON {
        .object(pairs.reduce(into: [:]) { object, pair in object[pair.key] = pair.value })
    }

    /// A value that is written as its text: an address, a name, the raw value of an enumeration.
    static func text(_ value: some CustomStringConvertible) -> CanonicalJSON { .string(value.description) }

    static func number(_ value: some BinaryInteger) -> CanonicalJSON { .integer(Int64(value)) }

    static func texts(_ values: [some CustomStringConvertible]) -> CanonicalJSON {
        .array(values.map { .string($0.description) })
    }

    /// The text in UTF-8.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .string(let text): Self.write(text, to: &bytes)
        case .integer(let number): bytes += Array(String(number).utf8)
        case .boolean(let isTrue): bytes += Array((isTrue ? "true" : "false").utf8)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let fields):
            bytes.append(UInt8(ascii: "{"))
            let sorted = fields.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (index, field) in sorted.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(field.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                field.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// RFC 8259, section 7: the short escapes where one exists, `\u00xx` for the other control characters, all else
    /// unchanged.
    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += Array("\\\"".utf8)
            case UInt8(ascii: "\\"): bytes += Array("\\\\".utf8)
            case 0x08: bytes += Array("\\b".utf8)
            case 0x09: bytes += Array("\\t".utf8)
            case 0x0a: bytes += Array("\\n".utf8)
            case 0x0c: bytes += Array("\\f".utf8)
            case 0x0d: bytes += Array("\\r".utf8)
            case 0..<0x20: bytes += Array(((byte < 16 ? "\\u000" : "\\u00") + String(byte, radix: 16)).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

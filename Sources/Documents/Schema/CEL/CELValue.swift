internal import JSON
internal import NetAddress

/// A value of an expression. Values of different types are never equal.
indirect enum CELValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case string(String)
    case list([CELValue])
    /// An object or a map: the language treats them alike but for the check of field names.
    case map([String: CELValue])
    case duration(Duration)
    case address(IPAddress)
    case cidr(CELPrefix)

    /// Numbers are integers: the loader refuses rules over other ones.
    init(_ value: JSONValue) {
        self =
            switch value {
            case .null: .null
            case .bool(let flag): .bool(flag)
            case .integer(let number): .int(number)
            case .number(let number): Int64(exactly: number).map { .int($0) } ?? .null
            case .string(let text): .string(text)
            case .array(let items): .list(items.map { CELValue($0) })
            case .object(let fields): .map(fields.mapValues { CELValue($0) })
            }
    }
}

/// Kubernetes' CIDR: unlike ours it keeps the bits after the prefix.
struct CELPrefix: Sendable, Hashable {
    let address: IPAddress
    let length: Int

    /// As Go's `netip.ParsePrefix`, without IPv4-mapped addresses.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
            String(length) == parts[1], (0...address.family.bitWidth).contains(length)
        else { return nil }
        self.init(address: address, length: length)
    }

    init(address: IPAddress, length: Int) {
        self.address = address
        self.length = length
    }

    /// Without the bits after the prefix.
    var network: CIDR { CIDR(containing: address, prefixLength: length) }
}

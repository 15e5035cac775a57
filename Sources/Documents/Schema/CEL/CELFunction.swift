internal import NetAddress

/// The operators and functions that expressions may use: the standard ones of the cel-spec, two of its extension on
/// strings, and Kubernetes' own on addresses (k8s.io/apiserver/pkg/cel/library, `ip.go` and `cidr.go`; 1.30 and up).
enum CELFunction: Sendable, Hashable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, `in`
    case add, subtract, multiply, divide, remainder, negate
    case size, startsWith, endsWith, contains, matches, indexOf, substring
    case duration
    case isIP, ip, family, isLoopback, isUnspecified
    case isCIDR, cidr, networkAddress, prefixLength, masked, containsIP, containsCIDR

    /// Written `size(x)`.
    static let global: [String: CELFunction] = [
        "size": .size, "matches": .matches, "duration": .duration, "isIP": .isIP, "ip": .ip, "isCIDR": .isCIDR,
        "cidr": .cidr,
    ]

    /// Written `x.size()`.
    static let member: [String: CELFunction] = [
        "size": .size, "startsWith": .startsWith, "endsWith": .endsWith, "contains": .contains, "matches": .matches,
        "indexOf": .indexOf, "substring": .substring, "family": .family, "isLoopback": .isLoopback,
        "isUnspecified": .isUnspecified, "ip": .networkAddress,
        "prefixLength": .prefixLength, "masked": .masked, "containsIP": .containsIP, "containsCIDR": .containsCIDR,
    ]

    /// The number of arguments, the receiver included.
    var arity: Int {
        switch self {
        case .negate, .size, .duration, .isIP, .ip, .family, .isLoopback, .isUnspecified, .isCIDR, .cidr,
            .networkAddress, .prefixLength, .masked:
            1
        case .substring: 3
        default: 2
        }
    }

    /// nil where the language has an error.
    func result(of arguments: [CELValue]) -> CELValue? {
        guard arguments.count == arity else { return nil }
        return switch arity {
        case 1: result(of: arguments[0])
        case 2: result(of: arguments[0], arguments[1])
        default: CELFunction.substring(arguments[0], from: arguments[1], to: arguments[2])
        }
    }

    private func result(of value: CELValue) -> CELValue? {
        switch (self, value) {
        case (.negate, .int(let number)): CELFunction.exact(Int64(0).subtractingReportingOverflow(number))
        case (.size, .string(let text)): .int(Int64(text.unicodeScalars.count))
        case (.size, .list(let items)): .int(Int64(items.count))
        case (.size, .map(let fields)): .int(Int64(fields.count))
        case (.duration, .string(let text)): Duration(goText: text).map { .duration($0) }
        case (.isIP, .string(let text)): .bool(IPAddress(text) != nil)
        case (.ip, .string(let text)): IPAddress(text).map { .address($0) }
        case (.family, .address(let address)): .int(Int64(address.family.rawValue))
        case (.isLoopback, .address(let address)): .bool(address.isLoopback)
        case (.isUnspecified, .address(let address)): .bool(address.isUnspecified)
        case (.isCIDR, .string(let text)): .bool(CELPrefix(text) != nil)
        case (.cidr, .string(let text)): CELPrefix(text).map { .cidr($0) }
        case (.networkAddress, .cidr(let cidr)): .address(cidr.address)
        case (.prefixLength, .cidr(let cidr)): .int(Int64(cidr.length))
        case (.masked, .cidr(let cidr)): .cidr(CELPrefix(address: cidr.network.address, length: cidr.length))
        default: nil
        }
    }

    private func result(of left: CELValue, _ right: CELValue) -> CELValue? {
        switch (self, left, right) {
        case (.equal, _, _): .bool(left == right)
        case (.notEqual, _, _): .bool(left != right)
        case (.less, _, _): CELFunction.isOrdered(left, right).map { .bool($0) }
        case (.greater, _, _): CELFunction.isOrdered(right, left).map { .bool($0) }
        case (.lessOrEqual, _, _): CELFunction.isOrdered(right, left).map { .bool(!$0) }
        case (.greaterOrEqual, _, _): CELFunction.isOrdered(left, right).map { .bool(!$0) }
        case (.in, _, .list(let items)): .bool(items.contains(left))
        case (.in, .string(let key), .map(let fields)): .bool(fields[key] != nil)
        case (.add, .string(let a), .string(let b)): .string(a + b)
        case (.add, .list(let a), .list(let b)): .list(a + b)
        case (_, .int(let a), .int(let b)): arithmetic(a, b)
        case (.startsWith, .string(let text), .string(let part)): .bool(text.utf8.starts(with: part.utf8))
        case (.endsWith, .string(let text), .string(let part)):
            .bool(text.utf8.reversed().starts(with: part.utf8.reversed()))
        case (.contains, .string(let text), .string(let part)): .bool(Array(text.utf8).contains(Array(part.utf8)))
        case (.indexOf, .string(let text), .string(let part)):
            .int(
                Int64(
                    text.unicodeScalars.firstRange(of: part.unicodeScalars).map {
                        text.unicodeScalars.distance(from: text.startIndex, to: $0.lowerBound)
                    } ?? -1))
        case (.matches, .string(let text), .string(let source)):
            (try? Pattern(source)).map { .bool($0.matches(text)) }
        case (.containsIP, .cidr(let cidr), _): right.asAddress.map { .bool(cidr.network.contains($0)) }
        case (.containsCIDR, .cidr(let cidr), _): right.asPrefix.map { .bool(cidr.network.contains($0.network)) }
        default: nil
        }
    }

    /// By code points, the end not included.
    private static func substring(_ text: CELValue, from start: CELValue, to end: CELValue) -> CELValue? {
        guard case .string(let text) = text, case .int(let start) = start, case .int(let end) = end, start >= 0,
            start <= end, end <= text.unicodeScalars.count
        else { return nil }
        return .string(String(text.unicodeScalars.dropFirst(Int(start)).prefix(Int(end - start))))
    }

    private func arithmetic(_ a: Int64, _ b: Int64) -> CELValue? {
        switch self {
        case .add: CELFunction.exact(a.addingReportingOverflow(b))
        case .subtract: CELFunction.exact(a.subtractingReportingOverflow(b))
        case .multiply: CELFunction.exact(a.multipliedReportingOverflow(by: b))
        case .divide: CELFunction.exact(a.dividedReportingOverflow(by: b))
        case .remainder: CELFunction.exact(a.remainderReportingOverflow(dividingBy: b))
        default: nil
        }
    }

    private static func exact(_ result: (partialValue: Int64, overflow: Bool)) -> CELValue? {
        result.overflow ? nil : .int(result.partialValue)
    }

    /// Whether the first is less than the second; nil for types without an order.
    private static func isOrdered(_ a: CELValue, _ b: CELValue) -> Bool? {
        switch (a, b) {
        case (.int(let a), .int(let b)): a < b
        case (.bool(let a), .bool(let b)): !a && b
        case (.duration(let a), .duration(let b)): a < b
        case (.string(let a), .string(let b)): a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
        default: nil
        }
    }
}

extension CELValue {
    /// Kubernetes takes the text of an address for the address.
    fileprivate var asAddress: IPAddress? {
        switch self {
        case .address(let address): address
        case .string(let text): IPAddress(text)
        default: nil
        }
    }

    fileprivate var asPrefix: CELPrefix? {
        switch self {
        case .cidr(let cidr): cidr
        case .string(let text): CELPrefix(text)
        default: nil
        }
    }
}

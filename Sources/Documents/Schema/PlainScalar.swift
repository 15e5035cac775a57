internal import Manifest

/// What a YAML reader may take an unquoted scalar for, by YAML 1.1 or 1.2: authors' other tools use either.
enum PlainScalar: Hashable {
    case null
    case bool
    case integer
    case float
    case string

    init(_ text: String) {
        self =
            if PlainScalar.nulls.contains(text) {
                .null
            } else if PlainScalar.booleans.contains(text.lowercased()) {
                .bool
            } else if PlainScalar.isInteger(text.utf8) {
                .integer
            } else if PlainScalar.isFloat(text) {
                .float
            } else {
                .string
            }
    }

    /// "a number", for errors.
    var noun: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .integer, .float: "a number"
        case .string: "text"
        }
    }

    private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]
    private static let booleans: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n"]

    private static func unsigned(_ text: String.UTF8View) -> Substring.UTF8View {
        guard let first = text.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") else { return text[...] }
        return text.dropFirst()
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// Decimal, `0x`, `0o`, `0b`, underscores, and base 60 as in `12:34:56`.
    private static func isInteger(_ text: String.UTF8View) -> Bool {
        let digits = unsigned(text)
        guard let first = digits.first, isDigit(first) else { return false }
        if digits.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "_") }) { return true }
        let marker = digits.dropFirst().first.map { $0 | 0x20 }
        let rest = digits.dropFirst(2)
        if first == UInt8(ascii: "0"), !rest.isEmpty {
            if marker == UInt8(ascii: "x") {
                return rest.allSatisfy { isDigit($0) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x66) || $0 == 0x5f }
            }
            if marker == UInt8(ascii: "o") || marker == UInt8(ascii: "b") {
                return rest.allSatisfy { isDigit($0) || $0 == 0x5f }
            }
        }
        let parts = digits.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        return parts.count > 1 && parts[0].allSatisfy { isDigit($0) || $0 == 0x5f }
            && parts.dropFirst().allSatisfy { part in
                (1...2).contains(part.count) && part.allSatisfy(isDigit)
                    && (part.count == 1 || (part.first ?? 0) < 0x36)
            }
    }

    private static func isFloat(_ text: String) -> Bool {
        let body = String(Substring(unsigned(text.utf8)))
        if [".inf", ".nan"].contains(body.lowercased()) { return true }
        guard let first = body.utf8.first, isDigit(first) || first == UInt8(ascii: "."),
            body.utf8.contains(where: isDigit)
        else { return false }
        var (dots, exponents) = (0, 0)
        var previous: UInt8 = 0
        for byte in body.utf8 {
            switch byte {
            case UInt8(ascii: "."): dots += 1
            case UInt8(ascii: "e"), UInt8(ascii: "E"): exponents += 1
            case UInt8(ascii: "-"), UInt8(ascii: "+"):
                if previous | 0x20 != UInt8(ascii: "e") { return false }
            case UInt8(ascii: "_"): break
            default: if !isDigit(byte) { return false }
            }
            previous = byte
        }
        return dots <= 1 && exponents <= 1 && isDigit(previous) || (dots == 1 && exponents == 0 && previous == 0x2e)
    }
}

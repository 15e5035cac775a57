internal import ControlAPI
internal import JSON

/// JSON values as YAML that YAML 1.1 and 1.2 parsers read back alike: block style, sorted keys, anything that could
/// be taken for another type in double quotes.
enum YAMLText {
    static func render(_ value: JSONValue) -> String {
        var text = ""
        append(value, indent: 0, to: &text, isInline: false)
        return text
    }

    /// - Parameter isInline: whether something stands on the line already (`key:` or `-`).
    private static func append(_ value: JSONValue, indent: Int, to text: inout String, isInline: Bool) {
        switch value {
        case .object(let members) where !members.isEmpty:
            if isInline { text += "\n" }
            for key in members.keys.sorted() {
                text += String(repeating: " ", count: indent) + scalar(key) + ":"
                append(members[key] ?? .null, indent: indent + 2, to: &text, isInline: true)
            }
        case .array(let elements) where !elements.isEmpty:
            if isInline { text += "\n" }
            // As kubectl: a list under a key is not indented further than the key.
            let margin = isInline ? indent - 2 : indent
            for element in elements {
                text += String(repeating: " ", count: margin) + "-"
                appendElement(element, indent: margin + 2, to: &text)
            }
        default:
            text += (isInline ? " " : "") + flow(value) + "\n"
        }
    }

    /// After a dash: the first line of a mapping or list goes on the dash's line.
    private static func appendElement(_ value: JSONValue, indent: Int, to text: inout String) {
        switch value {
        case .object(let members) where !members.isEmpty:
            var nested = ""
            append(value, indent: indent, to: &nested, isInline: false)
            text += " " + nested.dropFirst(indent)
        case .array(let elements) where !elements.isEmpty:
            var nested = ""
            append(value, indent: indent, to: &nested, isInline: false)
            text += " " + nested.dropFirst(indent)
        default:
            text += " " + flow(value) + "\n"
        }
    }

    private static func flow(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): "\(number)"
        case .number(let number): numeral(number)
        case .string(let string): scalar(string)
        case .array: "[]"
        case .object: "{}"
        }
    }

    /// YAML 1.1 knows exponents only behind a point and with a sign: `1.0e+20`.
    private static func numeral(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? ".nan" : number < 0 ? "-.inf" : ".inf" }
        let text = "\(number)"
        guard let mark = text.firstIndex(of: "e") else { return text }
        let (mantissa, exponent) = (text[..<mark], text[text.index(after: mark)...])
        return (mantissa.contains(".") ? mantissa : mantissa + ".0") + "e"
            + (exponent.hasPrefix("-") ? exponent : "+" + exponent.drop { $0 == "+" })
    }

    /// Words that YAML 1.1 takes for null or a boolean.
    private static let reserved: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    private static func scalar(_ string: String) -> String {
        isPlain(string) ? string : quoted(string)
    }

    private static func isPlain(_ string: String) -> Bool {
        guard let first = string.utf8.first, !reserved.contains(string.lowercased()) else { return false }
        let isText = isLetter(first) || first == UInt8(ascii: "/")
        guard isText || isDottedDecimal(string) else { return false }
        guard string.utf8.allSatisfy({ isLetter($0) || isDigit($0) || " ._-/@+=:,()".utf8.contains($0) })
        else { return false }
        return !string.contains(": ") && !string.hasSuffix(":") && !string.hasSuffix(" ")
    }

    /// `10.0.0.1`, `10.0.0.0/24`: two points and more are no number in any YAML.
    private static func isDottedDecimal(_ string: String) -> Bool {
        let parts = string.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count <= 2 && parts.allSatisfy { $0.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") } }
            && parts[0].utf8.filter { $0 == UInt8(ascii: ".") }.count == 3 && parts.allSatisfy { !$0.isEmpty }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case _ where scalar.isUnprintable || scalar.properties.isNoncharacterCodePoint:
                let digits = String(scalar.value, radix: 16)
                let width = scalar.value > 0xffff ? 8 : 4
                text += (width == 8 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

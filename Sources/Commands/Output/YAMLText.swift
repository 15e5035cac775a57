internal import ControlAPI
internal import JSON
internal import Manifest

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
                text += String(repeating: " ", count: indent) + YAMLScalar.text(key) + ":"
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
        case .string(let string): YAMLScalar.text(string)
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
}

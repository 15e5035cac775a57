/// Texts as scalars that YAML 1.1 and 1.2 parsers read back alike.
public enum YAMLScalar {
    /// Plain where every parser sees text in it; otherwise in double quotes.
    ///
    /// - Parameter inFlow: whether it is to stand inside `[]` or `{}`, where commas and colons end a scalar.
    public static func text(_ string: String, inFlow: Bool = false) -> String {
        isPlain(string, inFlow) ? string : quoted(string)
    }

    /// Words that YAML 1.1 takes for null or a boolean.
    private static let reserved: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    private static func isPlain(_ string: String, _ inFlow: Bool) -> Bool {
        guard let first = string.utf8.first, !reserved.contains(string.lowercased()) else { return false }
        guard isLetter(first) || first == UInt8(ascii: "/") || isDottedDecimal(string) else { return false }
        let marks = (inFlow ? "._-/" : " ._-/@+=:,()").utf8
        guard string.utf8.allSatisfy({ isLetter($0) || isDigit($0) || marks.contains($0) }) else { return false }
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

/// A text with control characters, line separators and direction marks escaped, so that it cannot fake a line of output,
/// and every space but the plain one, so that a reader sees what is wrong with it.
public func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
            result += "\\u{\(String(scalar.value, radix: 16))}"
        case .spaceSeparator where scalar != " ": result += "\\u{\(String(scalar.value, radix: 16))}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// A short, escaped, quoted text for an error: at most 64 characters of it.
public func quoted(_ text: String) -> String {
    // Not `Character`s: one can have any length.
    let head = text.unicodeScalars.prefix(64)
    return "\"\(escaped(String(head)))\(head.endIndex < text.unicodeScalars.endIndex ? "…" : "")\""
}

extension Unicode.Scalar {
    /// Whether it looks like a space, or like nothing at all, and is a letter to YAML: what word processors and web pages
    /// put between words.
    public var isFalseSpace: Bool {
        switch self {
        case "\u{200b}", "\u{2060}", "\u{feff}": true
        default: self != " " && properties.generalCategory == .spaceSeparator
        }
    }

    /// `U+00A0`
    public var codePoint: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// Unicode categories Cc (control) and Cf (format), line and paragraph separators.
    public var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

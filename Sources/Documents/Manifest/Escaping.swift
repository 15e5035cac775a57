/// A text with control characters, line separators and direction marks escaped, so that it cannot fake a line of output.
public func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
            result += "\\u{\(String(scalar.value, radix: 16))}"
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
    /// Unicode categories Cc (control) and Cf (format), line and paragraph separators.
    public var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

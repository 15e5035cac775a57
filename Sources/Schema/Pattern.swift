internal import Foundation

/// A regular expression with RE2's reading of `$`: the end of the text, not before a last newline.
public struct Pattern: Sendable {
    /// As the CRD writes it.
    public let source: String
    private let expression: NSRegularExpression

    /// - Throws: when the expression does not compile.
    public init(_ source: String) throws {
        self.source = source
        expression = try NSRegularExpression(pattern: Pattern.anchoringEnd(of: source))
    }

    public func matches(_ text: String) -> Bool {
        expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }

    private static func anchoringEnd(of source: String) -> String {
        var result = ""
        var (isEscaped, isInClass) = (false, false)
        for character in source {
            if !isEscaped, !isInClass, character == "$" {
                result += "\\z"
            } else {
                result.append(character)
            }
            if !isEscaped {
                if character == "[" { isInClass = true }
                if character == "]" { isInClass = false }
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return result
    }
}

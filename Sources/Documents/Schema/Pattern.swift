internal import Foundation

/// A regular expression of the part in which RE2, which an API server uses, and ICU agree once `PatternSyntax` has
/// written it out.
public struct Pattern: Sendable {
    /// As the CRD writes it.
    public let source: String
    private let expression: NSRegularExpression

    /// - Throws: when the expression does not compile, or uses what RE2 does not have.
    public init(_ source: String) throws {
        self.source = source
        expression = try NSRegularExpression(pattern: try PatternSyntax.translation(of: source))
    }

    /// Whether any part of the text matches.
    public func matches(_ text: String) -> Bool {
        expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }
}

internal import Manifest

/// A Kubernetes label selector: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas.
public struct LabelSelector: Hashable, Sendable {
    enum Requirement: Hashable, Sendable {
        case oneOf(String, Set<String>)
        /// Met as well by an object without the label, as in Kubernetes.
        case noneOf(String, Set<String>)
        case exists(String)
        case absent(String)
    }

    public struct ParseError: Error, Hashable, CustomStringConvertible {
        var text: String
        public var description: String {
            "\(quoted(text)) is not a label selector: write KEY=VALUE, KEY!=VALUE, KEY in (A,B), KEY notin (A,B), "
                + "KEY or !KEY, joined by commas"
        }
    }

    /// As it was written.
    public let text: String
    private var requirements: [Requirement]

    public init(_ text: String) throws(ParseError) {
        self.text = text
        requirements = []
        for part in Self.parts(of: text) {
            guard let requirement = Self.requirement(part) else { throw ParseError(text: text) }
            requirements.append(requirement)
        }
    }

    public func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .oneOf(let key, let values): labels[key].map(values.contains) ?? false
            case .noneOf(let key, let values): labels[key].map { !values.contains($0) } ?? true
            case .exists(let key): labels[key] != nil
            case .absent(let key): labels[key] == nil
            }
        }
    }

    /// Splits at the commas that stand outside parentheses.
    private static func parts(of text: String) -> [String] {
        var parts = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }

    private static func requirement(_ text: String) -> Requirement? {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for (mark, isNegative) in [("!=", true), ("==", false), ("=", false)] {
            guard let range = words.firstRange(of: mark) else { continue }
            guard let key = key(words[..<range.lowerBound]), let value = value(words[range.upperBound...])
            else { return nil }
            return isNegative ? .noneOf(key, [value]) : .oneOf(key, [value])
        }
        for (mark, isNegative) in [(" notin", true), (" in", false)] {
            guard let range = words.firstRange(of: mark) else { continue }
            let list = words[range.upperBound...].drop { $0 == " " }
            guard let key = key(words[..<range.lowerBound]), list.hasPrefix("("), list.hasSuffix(")") else {
                return nil
            }
            let values = list.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false).map(value)
            guard !values.contains(nil) else { return nil }
            return isNegative
                ? .noneOf(key, Set(values.compactMap(\.self))) : .oneOf(key, Set(values.compactMap(\.self)))
        }
        if words.hasPrefix("!") { return key(words.dropFirst()).map(Requirement.absent) }
        return key(words[...]).map(Requirement.exists)
    }

    private static func key(_ text: Substring) -> String? {
        value(text).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Letters, digits and `-._/`; nil for anything else.
    private static func value(_ text: Substring) -> String? {
        let trimmed = text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        let isValid = trimmed.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._/".contains($0)) }
        return isValid ? String(trimmed) : nil
    }
}

internal import JSON
internal import Manifest

/// Reads paths, from where they begin to the first character that belongs to none.
struct JSONPathParser {
    struct ParseError: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var rest: Substring

    init(_ text: Substring) { rest = text }

    /// A whole text as one path, with or without braces.
    static func path(_ text: String) throws(ParseError) -> JSONPath {
        var inner = text[...]
        if inner.hasPrefix("{"), inner.hasSuffix("}") { inner = inner.dropFirst().dropLast() }
        var parser = JSONPathParser(inner)
        let steps = try parser.steps()
        guard parser.rest.isEmpty, !steps.isEmpty else { throw parser.unexpected(in: text) }
        return JSONPath(steps: steps)
    }

    func unexpected(in text: String) -> ParseError {
        let place = rest.isEmpty ? "it ends too early" : "\(quoted(String(rest.prefix(12)))) is not understood"
        return ParseError(description: "\(quoted(text)) is not a JSONPath: \(place); an example: .metadata.name")
    }

    mutating func skipBlanks() { rest = rest.drop { $0 == " " } }

    mutating func take(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }

    mutating func steps() throws(ParseError) -> [JSONPath.Step] {
        var steps: [JSONPath.Step] = []
        if rest.first == "$" || rest.first == "@" { rest = rest.dropFirst() }
        while true {
            if take("..") {
                steps.append(.anywhere(try name()))
            } else if take(".") {
                if take("*") {
                    steps.append(.everyMember)
                } else if rest.first != "[" {
                    steps.append(.member(try name()))
                }
            } else if take("[") {
                steps.append(try brackets())
                guard take("]") else { throw unexpected(in: String(rest)) }
            } else {
                return steps
            }
        }
    }

    /// A member's name; a dot that belongs to it is written `\.`.
    private mutating func name() throws(ParseError) -> String {
        var name = ""
        while let character = rest.first, !".[]{}()= <>!,".contains(character) {
            rest = rest.dropFirst()
            if character == "\\", let escaped = rest.first {
                name.append(escaped)
                rest = rest.dropFirst()
            } else {
                name.append(character)
            }
        }
        guard !name.isEmpty else { throw unexpected(in: String(rest)) }
        return name
    }

    private mutating func brackets() throws(ParseError) -> JSONPath.Step {
        if take("*") { return .everyMember }
        if take("?(") {
            let filter = try filter()
            guard take(")") else { throw unexpected(in: String(rest)) }
            return .filter(filter)
        }
        if rest.first == "'" || rest.first == "\"" {
            guard case .string(let name)? = literal() else { throw unexpected(in: String(rest)) }
            return .member(name)
        }
        let from = integer()
        guard take(":") else {
            guard let from else { throw unexpected(in: String(rest)) }
            return .element(from)
        }
        return .slice(from, integer())
    }

    private mutating func filter() throws(ParseError) -> JSONPath.Filter {
        skipBlanks()
        guard rest.first == "@" else { throw unexpected(in: String(rest)) }
        var filter = JSONPath.Filter(path: try steps())
        skipBlanks()
        guard let comparison = JSONPath.Filter.Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else {
            return filter
        }
        rest = rest.dropFirst(comparison.rawValue.count)
        skipBlanks()
        guard let value = literal() else { throw unexpected(in: String(rest)) }
        (filter.comparison, filter.value) = (comparison, value)
        skipBlanks()
        return filter
    }

    /// A text in quotes, a number, `true` or `false`; nil when none begins here.
    mutating func literal() -> JSONValue? {
        if let quote = rest.first, quote == "\"" || quote == "'" {
            var text = ""
            var left = rest.dropFirst()
            while let character = left.first, character != quote {
                left = left.dropFirst()
                guard character == "\\", let escaped = left.first else {
                    text.append(character)
                    continue
                }
                text.append(["n": "\n", "t": "\t", "r": "\r"][escaped] ?? escaped)
                left = left.dropFirst()
            }
            guard left.first == quote else { return nil }
            rest = left.dropFirst()
            return .string(text)
        }
        if take("true") { return .bool(true) }
        if take("false") { return .bool(false) }
        let digits = rest.prefix { $0.isNumber || "-.".contains($0) }
        guard !digits.isEmpty, let number = Double(digits) else { return nil }
        rest = rest.dropFirst(digits.count)
        return Int64(exactly: number).map(JSONValue.integer) ?? .number(number)
    }

    private mutating func integer() -> Int? {
        let digits = rest.prefix { $0.isNumber || $0 == "-" }
        guard let number = Int(digits) else { return nil }
        rest = rest.dropFirst(digits.count)
        return number
    }
}

internal import JSON

/// `-o jsonpath=TEMPLATE`: text with paths in braces, `{range PATH}…{end}` and `{"\n"}`.
struct JSONPathTemplate: Hashable {
    indirect enum Part: Hashable {
        case text(String)
        case path(JSONPath)
        case range(JSONPath, [Part])
    }

    private let parts: [Part]

    /// - Throws: `JSONPathParser.ParseError`.
    init(_ text: String) throws(JSONPathParser.ParseError) {
        // As kubectl: a path alone needs no braces.
        var rest = (text.contains("{") ? text : "{\(text)}")[...]
        parts = try Self.parts(&rest, of: text, isInRange: false)
    }

    func text(of root: JSONValue) -> String { Self.text(parts, of: root) }

    private static func text(_ parts: [Part], of root: JSONValue) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .path(let path): path.values(in: root).map(\.pathText).joined(separator: " ")
            case .range(let path, let parts): path.values(in: root).map { Self.text(parts, of: $0) }.joined()
            }
        }.joined()
    }

    private static func parts(
        _ rest: inout Substring, of text: String, isInRange: Bool
    ) throws(JSONPathParser.ParseError) -> [Part] {
        var parts: [Part] = []
        while let character = rest.first {
            guard character == "{" else {
                let literal = rest.prefix { $0 != "{" }
                parts.append(.text(String(literal)))
                rest = rest.dropFirst(literal.count)
                continue
            }
            var parser = JSONPathParser(rest.dropFirst())
            parser.skipBlanks()
            if parser.take("end") {
                try close(&parser, of: text)
                rest = parser.rest
                guard isInRange else { throw .init(description: "{end} without {range …}") }
                return parts
            }
            if parser.take("range ") {
                parser.skipBlanks()
                let path = JSONPath(steps: try parser.steps())
                try close(&parser, of: text)
                rest = parser.rest
                parts.append(.range(path, try Self.parts(&rest, of: text, isInRange: true)))
                continue
            }
            if case .string(let literal)? = parser.literal() {
                parts.append(.text(literal))
            } else {
                parts.append(.path(JSONPath(steps: try parser.steps())))
            }
            try close(&parser, of: text)
            rest = parser.rest
        }
        guard !isInRange else { throw .init(description: "{range …} without {end}") }
        return parts
    }

    private static func close(_ parser: inout JSONPathParser, of text: String) throws(JSONPathParser.ParseError) {
        parser.skipBlanks()
        guard parser.take("}") else { throw parser.unexpected(in: text) }
    }
}

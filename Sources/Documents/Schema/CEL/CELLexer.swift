/// A word of an expression.
enum CELToken: Sendable, Hashable {
    case identifier(String)
    /// Decimal or `0x` digits, without a sign.
    case integer(String)
    case string(String)
    case symbol(String)
    case end

    /// For errors.
    var text: String {
        switch self {
        case .identifier(let text), .integer(let text), .string(let text), .symbol(let text): "\"\(text)\""
        case .end: "the end"
        }
    }
}

struct CELLexer {
    private var rest: Substring.UnicodeScalarView

    /// - Throws: for characters, numbers and escapes outside of the language or of our part of it.
    static func tokens(of source: String) throws(CELExpression.SyntaxError) -> [CELToken] {
        var lexer = CELLexer(rest: Substring(source).unicodeScalars)
        var tokens: [CELToken] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens + [.end]
    }

    private static let symbols = [
        "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[",
        "]",
    ]

    private mutating func next() throws(CELExpression.SyntaxError) -> CELToken? {
        skipSpace()
        guard let first = rest.first else { return nil }
        if first == "'" || first == "\"" { return .string(try string(isRaw: false)) }
        if CELLexer.isLetter(first) { return try word() }
        if CELLexer.isDigit(first) { return .integer(try digits()) }
        for symbol in CELLexer.symbols where rest.starts(with: symbol.unicodeScalars) {
            rest = rest.dropFirst(symbol.unicodeScalars.count)
            return .symbol(symbol)
        }
        throw .init(description: "\"\(first)\" is not understood")
    }

    private mutating func skipSpace() {
        while true {
            rest = rest.drop { " \t\n\u{c}\r".unicodeScalars.contains($0) }
            guard rest.starts(with: "//".unicodeScalars) else { return }
            rest = rest.drop { $0 != "\n" }
        }
    }

    private mutating func word() throws(CELExpression.SyntaxError) -> CELToken {
        let word = rest.prefix { CELLexer.isLetter($0) || CELLexer.isDigit($0) }
        rest = rest.dropFirst(word.count)
        if rest.first == "'" || rest.first == "\"" {
            guard String(word).lowercased() == "r" else {
                throw .init(description: "a literal with the prefix \(word) is not supported")
            }
            return .string(try string(isRaw: true))
        }
        return .identifier(String(word))
    }

    private mutating func digits() throws(CELExpression.SyntaxError) -> String {
        let word = rest.prefix { CELLexer.isLetter($0) || CELLexer.isDigit($0) }
        rest = rest.dropFirst(word.count)
        let isFraction = rest.first == "." && rest.dropFirst().first.map(CELLexer.isDigit) == true
        guard !isFraction, CELLexer.number(String(word), isNegative: false) != nil || word.allSatisfy(CELLexer.isDigit)
        else { throw .init(description: "the number \(word) is not supported: write an integer") }
        return String(word)
    }

    /// nil for what does not fit into 64 bits.
    static func number(_ digits: String, isNegative: Bool) -> Int64? {
        let sign = isNegative ? "-" : ""
        return digits.hasPrefix("0x") ? Int64(sign + digits.dropFirst(2), radix: 16) : Int64(sign + digits)
    }

    private mutating func string(isRaw: Bool) throws(CELExpression.SyntaxError) -> String {
        let quote = rest.removeFirst()
        if rest.first == quote, rest.dropFirst().first == quote {
            throw .init(description: "triple quotes are not supported")
        }
        var text = String.UnicodeScalarView()
        while let next = rest.popFirst() {
            if next == quote { return String(text) }
            if next == "\n" || next == "\r" { break }
            text.append(next == "\\" && !isRaw ? try escape() : next)
        }
        throw .init(description: "a text has no closing \(quote)")
    }

    private mutating func escape() throws(CELExpression.SyntaxError) -> Unicode.Scalar {
        guard let letter = rest.popFirst() else { throw .init(description: "a text ends in \\") }
        if let known = CELLexer.escapes[letter] { return known }
        let lengths: [Unicode.Scalar: Int] = ["x": 2, "X": 2, "u": 4, "U": 8]
        if let length = lengths[letter] {
            let digits = String(rest.prefix(length))
            rest = rest.dropFirst(length)
            if digits.count == length, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) {
                return scalar
            }
        }
        throw .init(description: "\\\(letter) is no escape that is supported")
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
        "a": "\u{7}", "b": "\u{8}", "f": "\u{c}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{b}", "\\": "\\", "?": "?",
        "\"": "\"", "'": "'", "`": "`",
    ]

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        (scalar >= "a" && scalar <= "z") || (scalar >= "A" && scalar <= "Z") || scalar == "_"
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }
}

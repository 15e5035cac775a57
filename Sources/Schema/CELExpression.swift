/// The part of the Common Expression Language that our CRDs use: field selection, `has`, literals, comparison, `!`, `&&`,
/// `||` and parentheses (github.com/google/cel-spec, langdef.md).
indirect enum CELExpression: Sendable, Hashable {
    case literal(JSONValue)
    case `self`
    case select(CELExpression, String)
    case has(CELExpression, String)
    case not(CELExpression)
    case and(CELExpression, CELExpression)
    case or(CELExpression, CELExpression)
    case compare(CELExpression, Comparison, CELExpression)

    enum Comparison: String, Sendable, CaseIterable {
        case equal = "=="
        case notEqual = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
    }

    struct SyntaxError: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: for anything outside of the part above.
    init(parsing source: String) throws(SyntaxError) {
        var parser = CELParser(source)
        self = try parser.expression()
        try parser.expectEnd()
    }
}

private struct CELParser {
    private var rest: Substring

    init(_ source: String) { rest = source[...] }

    private mutating func skipSpace() { rest = rest.drop { $0 == " " || $0 == "\n" } }

    private mutating func take(_ token: String) -> Bool {
        skipSpace()
        guard rest.hasPrefix(token) else { return false }
        rest = rest.dropFirst(token.count)
        return true
    }

    private mutating func expect(_ token: String) throws(CELExpression.SyntaxError) {
        guard take(token) else { throw .init(description: "expected \(token) before \"\(rest.prefix(20))\"") }
    }

    mutating func expectEnd() throws(CELExpression.SyntaxError) {
        skipSpace()
        guard rest.isEmpty else { throw .init(description: "not understood: \"\(rest.prefix(20))\"") }
    }

    mutating func expression() throws(CELExpression.SyntaxError) -> CELExpression {
        var left = try conjunction()
        while take("||") { left = .or(left, try conjunction()) }
        return left
    }

    private mutating func conjunction() throws(CELExpression.SyntaxError) -> CELExpression {
        var left = try comparison()
        while take("&&") { left = .and(left, try comparison()) }
        return left
    }

    private mutating func comparison() throws(CELExpression.SyntaxError) -> CELExpression {
        let left = try unary()
        for operation in CELExpression.Comparison.allCases where take(operation.rawValue) {
            return .compare(left, operation, try unary())
        }
        return left
    }

    private mutating func unary() throws(CELExpression.SyntaxError) -> CELExpression {
        if take("!") { return .not(try unary()) }
        var value = try primary()
        while take(".") { value = .select(value, try identifier()) }
        return value
    }

    private mutating func identifier() throws(CELExpression.SyntaxError) -> String {
        skipSpace()
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard let first = name.first, !first.isNumber else {
            throw .init(description: "expected a name before \"\(rest.prefix(20))\"")
        }
        rest = rest.dropFirst(name.count)
        return String(name)
    }

    private mutating func primary() throws(CELExpression.SyntaxError) -> CELExpression {
        if take("(") {
            let inner = try expression()
            try expect(")")
            return inner
        }
        if take("'") {
            let text = rest.prefix { $0 != "'" && $0 != "\\" }
            rest = rest.dropFirst(text.count)
            try expect("'")
            return .literal(.string(String(text)))
        }
        let isNegative = take("-")
        skipSpace()
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        if let number = Int64((isNegative ? "-" : "") + digits) {
            rest = rest.dropFirst(digits.count)
            return .literal(.integer(number))
        }
        switch try identifier() {
        case "self": return .`self`
        case "true": return .literal(.bool(true))
        case "false": return .literal(.bool(false))
        case "has":
            try expect("(")
            guard case .select(let base, let field) = try unary() else {
                throw .init(description: "has() takes a field selection")
            }
            try expect(")")
            return .has(base, field)
        case let name: throw .init(description: "unknown name \(name)")
        }
    }
}

extension CELExpression {
    /// Whether the rule holds. A comparison with an absent field, or of different types, does not hold.
    func holds(for value: JSONValue) -> Bool { evaluate(value) == .bool(true) }

    private func evaluate(_ value: JSONValue) -> JSONValue? {
        switch self {
        case .literal(let literal): return literal
        case .`self`: return value
        case .select(let base, let field): return base.evaluate(value)?[field]
        case .has(let base, let field): return .bool(base.evaluate(value)?[field] != nil)
        case .not(let inner): return .bool(!inner.holds(for: value))
        case .and(let a, let b): return .bool(a.holds(for: value) && b.holds(for: value))
        case .or(let a, let b): return .bool(a.holds(for: value) || b.holds(for: value))
        case .compare(let a, let operation, let b):
            guard let left = a.evaluate(value), let right = b.evaluate(value) else { return nil }
            if operation == .equal { return .bool(left == right) }
            if operation == .notEqual { return .bool(left != right) }
            guard case .integer(let x) = left, case .integer(let y) = right else { return nil }
            return switch operation {
            case .lessOrEqual: .bool(x <= y)
            case .greaterOrEqual: .bool(x >= y)
            case .less: .bool(x < y)
            default: .bool(x > y)
            }
        }
    }
}

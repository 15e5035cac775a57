/// The grammar of the cel-spec by recursive descent, with its macros taken apart.
struct CELParser {
    private let tokens: [CELToken]
    private var position = 0
    /// What may stand alone: `self` and the variables of the macros around.
    private var variables = ["self"]

    init(tokens: [CELToken]) { self.tokens = tokens }

    private typealias Failure = CELExpression.SyntaxError

    mutating func wholeExpression() throws(CELExpression.SyntaxError) -> CELExpression {
        let result = try expression()
        guard next == .end else { throw Failure(description: "\(next.text) is not understood there") }
        return result
    }

    private var next: CELToken { tokens[position] }

    private mutating func take(_ symbol: String) -> Bool {
        guard next == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ symbol: String) throws(CELExpression.SyntaxError) {
        guard take(symbol) else { throw Failure(description: "expected \"\(symbol)\" before \(next.text)") }
    }

    private mutating func expression() throws(CELExpression.SyntaxError) -> CELExpression {
        let condition = try disjunction()
        guard take("?") else { return condition }
        let then = try disjunction()
        try expect(":")
        return .conditional(condition, then: then, otherwise: try expression())
    }

    private mutating func disjunction() throws(CELExpression.SyntaxError) -> CELExpression {
        var left = try conjunction()
        while take("||") { left = .or(left, try conjunction()) }
        return left
    }

    private mutating func conjunction() throws(CELExpression.SyntaxError) -> CELExpression {
        var left = try binary(CELParser.precedences[...])
        while take("&&") { left = .and(left, try binary(CELParser.precedences[...])) }
        return left
    }

    /// The loosest first.
    private static let precedences: [[String: CELFunction]] = [
        [
            "<": .less, "<=": .lessOrEqual, ">=": .greaterOrEqual, ">": .greater, "==": .equal, "!=": .notEqual,
            "in": .in,
        ],
        ["+": .add, "-": .subtract],
        ["*": .multiply, "/": .divide, "%": .remainder],
    ]

    private mutating func binary(
        _ levels: ArraySlice<[String: CELFunction]>
    ) throws(CELExpression.SyntaxError) -> CELExpression {
        guard let operators = levels.first else { return try unary() }
        var left = try binary(levels.dropFirst())
        while let function = CELParser.function(of: next, among: operators) {
            position += 1
            left = .call(function, [left, try binary(levels.dropFirst())])
        }
        return left
    }

    private static func function(of token: CELToken, among operators: [String: CELFunction]) -> CELFunction? {
        switch token {
        case .symbol(let text): operators[text]
        case .identifier("in"): operators["in"]
        default: nil
        }
    }

    private mutating func unary() throws(CELExpression.SyntaxError) -> CELExpression {
        if take("!") { return .not(try unary()) }
        guard take("-") else { return try member() }
        if case .integer(let digits) = next {
            position += 1
            return try suffixes(of: try integer(digits, isNegative: true))
        }
        return .call(.negate, [try unary()])
    }

    private func integer(_ digits: String, isNegative: Bool) throws(CELExpression.SyntaxError) -> CELExpression {
        guard let number = CELLexer.number(digits, isNegative: isNegative) else {
            throw Failure(description: "\(digits) does not fit into 64 bits")
        }
        return .literal(.int(number))
    }

    private mutating func member() throws(CELExpression.SyntaxError) -> CELExpression {
        try suffixes(of: try primary())
    }

    private mutating func suffixes(of base: CELExpression) throws(CELExpression.SyntaxError) -> CELExpression {
        var result = base
        while true {
            if take("[") {
                result = .index(result, try expression())
                try expect("]")
            } else if take(".") {
                let name = try name()
                result = take("(") ? try method(name, of: result) : .select(result, field: name)
            } else {
                return result
            }
        }
    }

    private mutating func name() throws(CELExpression.SyntaxError) -> String {
        guard case .identifier(let name) = next, !CELParser.reserved.contains(name) else {
            throw Failure(description: "expected a name before \(next.text)")
        }
        position += 1
        return name
    }

    private mutating func primary() throws(CELExpression.SyntaxError) -> CELExpression {
        if take("(") {
            let inner = try expression()
            try expect(")")
            return inner
        }
        if take("[") { return .list(try arguments(until: "]")) }
        switch next {
        case .string(let text):
            position += 1
            return .literal(.string(text))
        case .integer(let digits):
            position += 1
            return try integer(digits, isNegative: false)
        case .identifier(let word):
            if let literal = CELParser.literals[word] {
                position += 1
                return .literal(literal)
            }
            let name = try name()
            if take("(") { return name == "has" ? try presence() : try function(name) }
            guard variables.contains(name) else { throw Failure(description: "unknown name \(name)") }
            return .variable(name)
        default: throw Failure(description: "expected a value before \(next.text)")
        }
    }

    private static let literals: [String: CELValue] = ["true": .bool(true), "false": .bool(false), "null": .null]

    private static let reserved: Set<String> = [
        "false", "in", "null", "true", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
        "let", "loop", "package", "namespace", "return", "var", "void", "while",
    ]

    /// Up to the closing bracket; a list may end in a comma.
    private mutating func arguments(until end: String) throws(CELExpression.SyntaxError) -> [CELExpression] {
        var list: [CELExpression] = []
        while !take(end) {
            if !list.isEmpty {
                try expect(",")
                if end == "]", take(end) { break }
            }
            list.append(try expression())
        }
        return list
    }

    private mutating func presence() throws(CELExpression.SyntaxError) -> CELExpression {
        let argument = try expression()
        guard case .select(let base, let field) = argument, take(")") else {
            throw Failure(description: "has() takes a field selection")
        }
        return .has(base, field: field)
    }

    private mutating func function(_ name: String) throws(CELExpression.SyntaxError) -> CELExpression {
        let arguments = try arguments(until: ")")
        guard let function = CELFunction.global[name], function.arity == arguments.count else {
            throw Failure(description: "there is no function \(name) of \(arguments.count) arguments")
        }
        return .call(function, arguments)
    }

    private mutating func method(
        _ name: String, of receiver: CELExpression
    ) throws(CELExpression.SyntaxError) -> CELExpression {
        if let macro = CELExpression.Macro(rawValue: name) { return try self.macro(macro, over: receiver) }
        let arguments = [receiver] + (try arguments(until: ")"))
        guard let function = CELFunction.member[name], function.arity == arguments.count else {
            throw Failure(description: "there is no method \(name) of \(arguments.count - 1) arguments")
        }
        return .call(function, arguments)
    }

    private mutating func macro(
        _ macro: CELExpression.Macro, over range: CELExpression
    ) throws(CELExpression.SyntaxError) -> CELExpression {
        let variable = try name()
        try expect(",")
        variables.append(variable)
        defer { variables.removeLast() }
        let body = try expression()
        guard macro == .map, take(",") else {
            try expect(")")
            return .macro(macro, range, variable: variable, body: body)
        }
        let transform = try expression()
        try expect(")")
        return .macro(
            .map, .macro(.filter, range, variable: variable, body: body), variable: variable, body: transform)
    }
}

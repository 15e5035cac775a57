internal import JSON

/// A rule of `x-kubernetes-validations`, parsed: the part of the Common Expression Language that our CRDs use.
///
/// The language is that of github.com/google/cel-spec (doc/langdef.md) with Kubernetes' functions on IP addresses and
/// CIDRs. In it: fields and indices, `has`, lists, the operators, the macros, and the functions of `CELFunction`. What is
/// left out (floating point, unsigned, bytes, map literals, messages, `oldSelf`) is an error when a CRD is read.
indirect enum CELExpression: Sendable, Hashable {
    case literal(CELValue)
    case variable(String)
    case select(CELExpression, field: String)
    case has(CELExpression, field: String)
    case index(CELExpression, CELExpression)
    case list([CELExpression])
    case not(CELExpression)
    case and(CELExpression, CELExpression)
    case or(CELExpression, CELExpression)
    case conditional(CELExpression, then: CELExpression, otherwise: CELExpression)
    /// Operators and functions alike; the receiver is the first argument.
    case call(CELFunction, [CELExpression])
    case macro(Macro, CELExpression, variable: String, body: CELExpression)

    /// The standard macros; `map` with three arguments is a `filter` inside a `map`.
    enum Macro: String, Sendable {
        case all, exists, filter, map
        case existsOne = "exists_one"
    }

    struct SyntaxError: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    /// - Throws: for text that is no expression, and for anything outside of the part above.
    init(parsing source: String) throws(SyntaxError) {
        var parser = CELParser(tokens: try CELLexer.tokens(of: source))
        self = try parser.wholeExpression()
    }

    /// Whether the rule holds for `self`. A rule that ends in an error, such as the use of an absent field, does not hold.
    func holds(for value: JSONValue) -> Bool { result(for: value) == .bool(true) }

    /// nil where the evaluation ends in an error.
    func result(for value: JSONValue) -> CELValue? {
        var evaluator = CELEvaluator(variables: [("self", CELValue(value))])
        return try? evaluator.value(of: self)
    }
}

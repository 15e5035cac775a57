/// Works out an expression, with the error semantics of the cel-spec.
struct CELEvaluator {
    struct Failure: Error {}

    /// The innermost last.
    private var variables: [(name: String, value: CELValue)]

    init(variables: [(name: String, value: CELValue)]) { self.variables = variables }

    /// - Throws: where the language has an error: an absent field or index, operands of a wrong type, an overflow.
    mutating func value(of expression: CELExpression) throws(Failure) -> CELValue {
        switch expression {
        case .literal(let value): return value
        case .variable(let name):
            guard let variable = variables.last(where: { $0.name == name }) else { throw Failure() }
            return variable.value
        case .select(let base, let field):
            guard let value = try fields(of: base)[field] else { throw Failure() }
            return value
        case .has(let base, let field): return .bool(try fields(of: base)[field] != nil)
        case .index(let base, let index): return try element(of: try value(of: base), at: try value(of: index))
        case .list(let items): return .list(try values(of: items))
        case .not(let inner): return .bool(!(try bool(inner)))
        case .and(let left, let right): return try logical(left, right, decidedBy: false)
        case .or(let left, let right): return try logical(left, right, decidedBy: true)
        case .conditional(let condition, let then, let otherwise):
            return try value(of: try bool(condition) ? then : otherwise)
        case .call(let function, let arguments):
            guard let result = function.result(of: try values(of: arguments)) else { throw Failure() }
            return result
        case .macro(let macro, let range, let variable, let body):
            return try result(of: macro, over: try elements(of: range), variable, body)
        }
    }

    private mutating func values(of list: [CELExpression]) throws(Failure) -> [CELValue] {
        var values: [CELValue] = []
        for item in list { values.append(try value(of: item)) }
        return values
    }

    private mutating func fields(of base: CELExpression) throws(Failure) -> [String: CELValue] {
        guard case .map(let fields) = try value(of: base) else { throw Failure() }
        return fields
    }

    private mutating func bool(_ expression: CELExpression) throws(Failure) -> Bool {
        guard case .bool(let flag) = try value(of: expression) else { throw Failure() }
        return flag
    }

    private func element(of base: CELValue, at index: CELValue) throws(Failure) -> CELValue {
        switch (base, index) {
        case (.list(let items), .int(let number)):
            guard let position = Int(exactly: number), items.indices.contains(position) else { throw Failure() }
            return items[position]
        case (.map(let fields), .string(let key)):
            guard let value = fields[key] else { throw Failure() }
            return value
        default: throw Failure()
        }
    }

    /// `&&` and `||` from either side: an error on one side does not matter when the other side decides.
    private mutating func logical(
        _ left: CELExpression, _ right: CELExpression, decidedBy deciding: Bool
    ) throws(Failure) -> CELValue {
        let first: Bool?
        do throws(Failure) { first = try bool(left) } catch { first = nil }
        if first == deciding { return .bool(deciding) }
        let second = try bool(right)
        guard second == deciding || first != nil else { throw Failure() }
        return .bool(second)
    }

    /// Items of a list, keys of a map.
    private mutating func elements(of range: CELExpression) throws(Failure) -> [CELValue] {
        switch try value(of: range) {
        case .list(let items): return items
        case .map(let fields): return fields.keys.sorted().map { .string($0) }
        default: throw Failure()
        }
    }

    private mutating func result(
        of macro: CELExpression.Macro, over elements: [CELValue], _ variable: String, _ body: CELExpression
    ) throws(Failure) -> CELValue {
        switch macro {
        case .all: return try search(elements, variable, body, for: false)
        case .exists: return try search(elements, variable, body, for: true)
        case .existsOne, .filter:
            var matches: [CELValue] = []
            for element in elements where try bool(body, with: variable, element) { matches.append(element) }
            return macro == .filter ? .list(matches) : .bool(matches.count == 1)
        case .map:
            var results: [CELValue] = []
            for element in elements { results.append(try value(of: body, with: variable, element)) }
            return .list(results)
        }
    }

    /// `all` and `exists` are `&&` and `||` over the elements, with the same treatment of errors.
    private mutating func search(
        _ elements: [CELValue], _ variable: String, _ body: CELExpression, for deciding: Bool
    ) throws(Failure) -> CELValue {
        var hasFailed = false
        for element in elements {
            do throws(Failure) {
                if try bool(body, with: variable, element) == deciding { return .bool(deciding) }
            } catch { hasFailed = true }
        }
        guard !hasFailed else { throw Failure() }
        return .bool(!deciding)
    }

    private mutating func value(
        of body: CELExpression, with variable: String, _ element: CELValue
    ) throws(Failure) -> CELValue {
        variables.append((variable, element))
        defer { variables.removeLast() }
        return try value(of: body)
    }

    private mutating func bool(
        _ body: CELExpression, with variable: String, _ element: CELValue
    ) throws(Failure) -> Bool {
        guard case .bool(let flag) = try value(of: body, with: variable, element) else { throw Failure() }
        return flag
    }
}

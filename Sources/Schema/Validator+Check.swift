internal import Manifest

/// Second pass: bounds, patterns, required fields, lists' keys, combinators and rules, on the value.
extension Validator {
    mutating func check(_ value: JSONValue, _ schema: JSONSchema, at path: FieldPath) {
        switch value {
        case .string(let text): check(text, schema, at: path)
        case .integer(let number): check(Double(number), schema, at: path)
        case .number(let number): check(number, schema, at: path)
        case .array(let items): check(items, schema, at: path)
        case .object(let fields): check(fields, schema, at: path)
        case .null, .bool: break
        }
        checkEnumeration(value, schema, at: path)
        checkCombinators(value, schema, at: path)
        for rule in schema.rules where !hasError(within: path) && !rule.expression.holds(for: value) {
            report(path, rule.message, "")
        }
    }

    private mutating func checkEnumeration(_ value: JSONValue, _ schema: JSONSchema, at path: FieldPath) {
        guard !schema.enumeration.isEmpty, !schema.enumeration.contains(value) else { return }
        let known = schema.enumeration.map { $0.text ?? $0.canonicalText }
        let shown = value.text.map { quoted($0) } ?? value.canonicalText
        report(
            path, "\(shown) is not known",
            "write \(listed(known, "or"))"
                + (value.text.flatMap { suggestion(for: $0, among: known) }.map { "; did you mean \"\($0)\"?" } ?? ""))
    }

    private mutating func check(_ text: String, _ schema: JSONSchema, at path: FieldPath) {
        let rule = schema.title.flatMap { textRules[$0] }
        let shown = schema.isSecret || rule?.isQuoted == false ? "the value" : quoted(text)
        let example = schema.example.map { "such as \($0)" } ?? ""
        if let problem = rule?.problem(text) {
            report(path, "\(shown) \(problem.reason)", problem.remedy)
        } else if let longest = schema.bounds.maxLength, text.unicodeScalars.count > longest {
            report(path, "\(shown) is longer than \(longest) characters", "shorten it")
        } else if let pattern = schema.pattern, !pattern.matches(text) {
            let problem = schema.title.flatMap { TextRule.patternProblems[$0] }
            report(
                path, "\(shown) \(problem?.reason ?? "does not match \(pattern.source)")",
                problem?.remedy ?? "write it \(example)")
        } else if let shortest = schema.bounds.minLength, text.unicodeScalars.count < shortest {
            report(path, "must have at least \(shortest) characters", "write it \(example)")
        } else if let format = schema.format, !matches(text, format: format) {
            report(path, "\(shown) is not a \(format)", "write it \(example)")
        }
    }

    private mutating func check(_ number: Double, _ schema: JSONSchema, at path: FieldPath) {
        let bounds = schema.bounds
        let isBelow = bounds.minimum.map { bounds.isMinimumExclusive ? number <= $0 : number < $0 } ?? false
        let isAbove = bounds.maximum.map { bounds.isMaximumExclusive ? number >= $0 : number > $0 } ?? false
        if isBelow || isAbove {
            report(path, "\(printed(number)) is out of range", bounds.range)
        } else if schema.format == "int32", abs(number) > Double(Int32.max) {
            report(path, "\(printed(number)) is out of range", "use at most 32 bits")
        } else if let step = bounds.multipleOf, step > 0, number.remainder(dividingBy: step) != 0 {
            report(path, "\(printed(number)) is not a multiple of \(printed(step))", "write a multiple")
        }
    }

    private mutating func check(_ items: [JSONValue], _ schema: JSONSchema, at path: FieldPath) {
        if let least = schema.bounds.minItems, items.count < least, !hasError(within: path) {
            report(path, "must have at least \(least) item\(least == 1 ? "" : "s")", schema.exampleRemedy)
        }
        if let most = schema.bounds.maxItems, items.count > most {
            report(path, "has \(items.count) items", "write at most \(most)")
        }
        var seen: [JSONValue: Int] = [:]
        for (index, item) in items.enumerated() {
            if let inner = schema.items { check(item, inner, at: path + index) }
            guard schema.listType != .atomic || schema.bounds.hasUniqueItems else { continue }
            let keys = schema.listType == .map ? schema.listMapKeys.map { item[$0] ?? .null } : [item]
            if let first = seen[.array(keys)] {
                let shown = keys.map { $0.text.map { quoted($0) } ?? $0.canonicalText }.joined(separator: ", ")
                let place = document.position(at: path + first)
                report(path + index, "\(shown) stands twice, first at \(place)", "remove one of them")
            } else {
                seen[.array(keys)] = index
            }
        }
    }

    private mutating func check(_ fields: [String: JSONValue], _ schema: JSONSchema, at path: FieldPath) {
        if let least = schema.bounds.minProperties, fields.count < least {
            report(path, "must have at least \(least) fields", schema.exampleRemedy)
        }
        if let most = schema.bounds.maxProperties, fields.count > most {
            report(path, "has \(fields.count) fields", "write at most \(most)")
        }
        for name in schema.required where fields[name] == nil && !isUnshaped(path + name) {
            report(path + name, "is missing", schema.properties[name]?.exampleRemedy ?? "add it")
        }
        for name in fields.keys.sorted() {
            guard let value = fields[name] else { continue }
            if let property = schema.properties[name] {
                check(value, property, at: path + name)
            } else if case .schema(let inner) = schema.additionalProperties {
                check(value, inner, at: path + name)
            }
        }
    }

    private mutating func checkCombinators(_ value: JSONValue, _ schema: JSONSchema, at path: FieldPath) {
        for inner in schema.allOf { check(value, inner, at: path) }
        if !schema.anyOf.isEmpty, !schema.anyOf.contains(where: { isValid(value, $0) }) {
            report(path, "fits none of \(schema.anyOf.count) allowed forms", schema.exampleRemedy)
        }
        if !schema.oneOf.isEmpty {
            let count = schema.oneOf.count { isValid(value, $0) }
            if count != 1 {
                report(path, "fits \(count) of the forms of which exactly one is needed", schema.exampleRemedy)
            }
        }
        if let not = schema.not, isValid(value, not) {
            report(path, "has a form that is not allowed", schema.exampleRemedy)
        }
    }

    private func isValid(_ value: JSONValue, _ schema: JSONSchema) -> Bool {
        var trial = Validator(document: document, textRules: textRules)
        guard schema.type.map({ value.has($0) }) ?? true else { return false }
        trial.check(value, schema, at: FieldPath())
        return trial.errors.isEmpty
    }
}

/// `A, B or C`.
func listed(_ words: [String], _ conjunction: String) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
}

private func printed(_ number: Double) -> String { Int64(exactly: number).map { String($0) } ?? String(number) }

extension JSONSchema {
    var exampleRemedy: String { example.map { "write it as in \($0)" } ?? "add it" }
}

extension JSONSchema.Bounds {
    /// "write a number from 1 to 65535".
    var range: String {
        let low = minimum.map { isMinimumExclusive ? "above \(printed($0))" : "from \(printed($0))" }
        let high = maximum.map { isMaximumExclusive ? "below \(printed($0))" : "to \(printed($0))" }
        return "write a number " + [low, high].compactMap { $0 }.joined(separator: " ")
    }
}

extension JSONValue {
    func has(_ type: JSONSchema.ValueType) -> Bool {
        switch (self, type) {
        case (.object, .object), (.array, .array), (.string, .string), (.bool, .boolean), (.integer, .integer),
            (.integer, .number), (.number, .number):
            true
        default: false
        }
    }
}

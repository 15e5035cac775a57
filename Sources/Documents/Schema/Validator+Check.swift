internal import JSON
internal import Manifest

/// Second pass: bounds, patterns, required fields, lists' keys, combinators and rules, on the value.
extension Validator {
    mutating func check(_ value: JSONValue, _ schema: JSONSchema, at path: FieldPath) {
        guard !isShapeless(path) else { return }
        if let type = schema.type, !value.has(type), !(value == .null && schema.isNullable) {
            report(path, "must be \(type.noun), not \(value.noun)", schema.exampleRemedy)
            return
        }
        switch value {
        case .string(let text): check(text, schema, at: path)
        case .integer, .number: checkNumber(value, schema, at: path)
        case .array(let items): check(items, schema, at: path)
        case .object(let fields): check(fields, schema, at: path)
        case .null, .bool: break
        }
        checkEnumeration(value, schema, at: path)
        if schema.hasCombinators, !hasShapeless(within: path) { checkCombinators(value, schema, at: path) }
        check(schema.rules, on: value, at: path)
    }

    /// As in Kubernetes, null is never among the values: `nullable` does not help where there is an `enum`.
    private mutating func checkEnumeration(_ value: JSONValue, _ schema: JSONSchema, at path: FieldPath) {
        guard !schema.enumeration.isEmpty, !schema.enumeration.contains(value) else { return }
        let known = schema.enumeration.map { $0.text ?? $0.canonicalText }
        let shown = schema.isSecret ? "the value" : value.shown
        let problem = schema.title.flatMap { TextRule.problems[$0] }
        report(
            path, "\(shown) \(problem?.reason ?? "is not known")",
            (problem?.remedy ?? "write \(listed(known, "or"))")
                + (value.text.flatMap { suggestion(for: $0, among: known) }.map { "; did you mean \"\($0)\"?" } ?? ""))
    }

    private mutating func check(_ text: String, _ schema: JSONSchema, at path: FieldPath) {
        let rule = schema.title.flatMap { textRules[$0] }
        // Made when there is something to say, which is seldom.
        var shown: String {
            !schema.isSecret && TextRule.isShowable(text, title: schema.title) ? quoted(text) : "the value"
        }
        if let problem = rule?.problem(text) {
            report(path, "\(shown) \(problem.reason)", problem.remedy)
        } else if let longest = schema.bounds.maxLength, text.unicodeScalars.count > longest {
            report(path, "\(shown) is longer than \(longest) characters", "shorten it")
        } else if let shortest = schema.bounds.minLength, text.unicodeScalars.count < shortest {
            report(path, "must have at least \(shortest) characters", schema.exampleRemedy)
        } else if let pattern = schema.pattern, !pattern.matches(text) {
            let problem = schema.title.flatMap { TextRule.problems[$0] }
            report(
                path, "\(shown) \(problem?.reason ?? "does not match \(pattern.source)")",
                problem?.remedy ?? schema.exampleRemedy)
        } else if let format = schema.format, !format.holds(for: text) {
            report(path, "\(shown) is not of the format \(format.rawValue)", schema.exampleRemedy)
        }
    }

    private mutating func check(_ items: [JSONValue], _ schema: JSONSchema, at path: FieldPath) {
        if let least = schema.bounds.minItems, items.count < least {
            report(path, "must have at least \(least) item\(least == 1 ? "" : "s")", schema.exampleRemedy)
        }
        if let most = schema.bounds.maxItems, items.count > most {
            report(path, "has \(items.count) items", "write at most \(most)")
        }
        var seen: [JSONValue: Int] = [:]
        // What is beyond the bound is refused already.
        for (index, item) in items.prefix(schema.bounds.maxItems ?? .max).enumerated() {
            if let inner = schema.items { check(item, inner, at: path + index) }
            guard let identity = schema.identity(of: item), !hasShapeless(within: path + index) else { continue }
            if let first = seen[.array(identity)] {
                let shown =
                    schema.items?.isSecret == true
                    ? "the value" : identity.map(\.shown).joined(separator: ", ")
                let place = document.position(at: path + first)
                report(path + index, "\(shown) stands twice, first at \(place)", "remove one of them")
            } else {
                seen[.array(identity)] = index
            }
        }
    }

    private mutating func check(_ fields: [String: JSONValue], _ schema: JSONSchema, at path: FieldPath) {
        if let least = schema.bounds.minProperties, fields.count < least {
            report(path, "must have at least \(least) field\(least == 1 ? "" : "s")", schema.exampleRemedy)
        }
        if let most = schema.bounds.maxProperties, fields.count > most {
            report(path, "has \(fields.count) fields", "write at most \(most)")
        }
        for name in schema.required where fields[name] == nil {
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
        trial.check(value, schema, at: FieldPath())
        return trial.errors.isEmpty
    }
}

/// `A, B or C`.
func listed(_ words: [String], _ conjunction: String) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
}

extension JSONSchema {
    var exampleRemedy: String { example.map { "write it as in \($0)" } ?? "see `wgctl explain`" }

    fileprivate var hasCombinators: Bool { !allOf.isEmpty || !anyOf.isEmpty || !oneOf.isEmpty || not != nil }

    /// What must be unique among the items of this list; nil where nothing must, and for an item without its keys.
    fileprivate func identity(of item: JSONValue) -> [JSONValue]? {
        switch listType {
        case .map:
            let keys = listMapKeys.compactMap { item[$0] }
            return keys.count == listMapKeys.count ? keys : nil
        case .set: return [item]
        case .atomic: return bounds.hasUniqueItems ? [item] : nil
        }
    }
}

extension JSONSchema.ValueType {
    /// "a list", for errors.
    var noun: String {
        switch self {
        case .object: "a mapping"
        case .array: "a list"
        case .string: "text"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        }
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

    fileprivate var noun: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .integer, .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "a mapping"
        }
    }

    /// As errors quote it.
    fileprivate var shown: String { text.map { quoted($0) } ?? canonicalText }
}

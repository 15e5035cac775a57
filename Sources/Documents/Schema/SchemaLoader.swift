internal import JSON
internal import Manifest

/// Reads one schema mapping of a CRD keyword by keyword, and reports what it does not know.
struct SchemaLoader {
    /// A mistake in a CRD of ours.
    struct Problem: Hashable, CustomStringConvertible {
        let path: FieldPath
        let reason: String
        var description: String { "\(path): \(reason)" }
    }

    private let node: YAMLNode
    private let path: FieldPath
    private var known: Set<String> = []
    private(set) var problems: [Problem] = []

    /// Loads a schema and everything below it.
    static func load(_ node: YAMLNode, path: FieldPath) -> (schema: JSONSchema, problems: [Problem]) {
        var loader = SchemaLoader(node: node, path: path)
        let schema = JSONSchema(loading: &loader)
        for entry in node.entries ?? [] where !loader.known.contains(entry.name) {
            let why = refusals[entry.name].map { ": \($0)" } ?? ""
            loader.report("unknown keyword \(quoted(entry.name))\(why)")
        }
        if !schema.rules.isEmpty, let type = schema.typeBeyondRules { loader.report("no rule may look at \(type)") }
        return (schema, loader.problems)
    }

    /// Keywords of JSON Schema and Kubernetes that are refused on purpose (docs/crds.md).
    static let refusals = [
        "$ref": "a structural schema has no references, write it out",
        "definitions": "a structural schema has no references, write it out",
        "patternProperties": "a structural schema has none, use additionalProperties and a rule on the keys",
        "propertyNames": "a structural schema has none, use a rule on the keys",
        "dependencies": "a structural schema has none, use a rule",
        "additionalItems": "a structural schema has one schema for all items",
        "const": "OpenAPI has none, use an enum of one value",
        "if": "OpenAPI has none, use a rule",
        "contains": "OpenAPI has none, use a rule",
        "x-kubernetes-embedded-resource": "no resource of ours holds another one",
    ]

    private init(node: YAMLNode, path: FieldPath) {
        self.node = node
        self.path = path
        if node.entries == nil { report("a schema must be a mapping") }
    }

    mutating func report(_ reason: String) { problems.append(Problem(path: path, reason: reason)) }

    private mutating func child(_ keyword: String) -> YAMLNode? {
        known.insert(keyword)
        return node[keyword]
    }

    mutating func value(_ keyword: String) -> JSONValue? { child(keyword).map { JSONValue(resolving: $0) } }

    mutating func text(_ keyword: String) -> String? {
        guard let value = value(keyword) else { return nil }
        if value.text == nil { report("\(keyword) must be text") }
        return value.text
    }

    mutating func texts(_ keyword: String) -> [String] {
        guard let value = value(keyword) else { return [] }
        let texts = value.items?.compactMap(\.text) ?? []
        if texts.isEmpty || texts.count != value.items?.count { report("\(keyword) must be a list of texts") }
        if Set(texts).count != texts.count { report("\(keyword) names something twice") }
        return texts
    }

    mutating func flag(_ keyword: String, mustBeTrue: Bool = false) -> Bool {
        switch value(keyword) {
        case .bool(let flag)? where flag || !mustBeTrue: return flag
        case nil: return false
        default:
            report("\(keyword) must be true\(mustBeTrue ? ", or be left out" : " or false")")
            return false
        }
    }

    mutating func enumeration<T: RawRepresentable<String>>(_ keyword: String) -> T? {
        guard let text = text(keyword) else { return nil }
        if T(rawValue: text) == nil { report("\(keyword) \(quoted(text)) is not known") }
        return T(rawValue: text)
    }

    mutating func enumeratedValues() -> [JSONValue] {
        guard let value = value("enum") else { return [] }
        let values = value.items ?? []
        if values.isEmpty { report("enum must be a list with a value") }
        if values.contains(.null) { report("enum has null, which Kubernetes never finds in it") }
        return values
    }

    mutating func format(of type: JSONSchema.ValueType?) -> Format? {
        guard let name = text("format") else { return nil }
        guard let format = Format(rawValue: name) else {
            let isOfKubernetes = Format.unsupported.contains(name)
            report("format \(quoted(name)) is not \(isOfKubernetes ? "supported" : "known, and Kubernetes ignores it")")
            return nil
        }
        if let type, type != format.type { report("format \(name) belongs to \(format.type), not to \(type)") }
        return format
    }

    private mutating func number(_ keyword: String) -> Double? {
        switch value(keyword) {
        case .integer(let value)?: return Double(value)
        case .number(let value)?: return value
        case nil: return nil
        default:
            report("\(keyword) must be a number")
            return nil
        }
    }

    private mutating func count(_ keyword: String) -> Int? {
        guard let value = value(keyword) else { return nil }
        if case .integer(let count) = value, count >= 0 { return Int(count) }
        report("\(keyword) must be a whole number from 0")
        return nil
    }

    mutating func bounds() -> JSONSchema.Bounds {
        var bounds = JSONSchema.Bounds()
        bounds.minimum = number("minimum")
        bounds.maximum = number("maximum")
        bounds.isMinimumExclusive = flag("exclusiveMinimum")
        bounds.isMaximumExclusive = flag("exclusiveMaximum")
        bounds.multipleOf = number("multipleOf")
        if let step = bounds.multipleOf, step <= 0 { report("multipleOf must be above 0") }
        bounds.minLength = count("minLength")
        bounds.maxLength = count("maxLength")
        bounds.minItems = count("minItems")
        bounds.maxItems = count("maxItems")
        bounds.minProperties = count("minProperties")
        bounds.maxProperties = count("maxProperties")
        bounds.hasUniqueItems = flag("uniqueItems")
        return bounds
    }

    private mutating func load(_ node: YAMLNode, at path: FieldPath) -> JSONSchema {
        let (schema, problems) = SchemaLoader.load(node, path: path)
        self.problems += problems
        return schema
    }

    mutating func schema(_ keyword: String) -> JSONSchema? { child(keyword).map { load($0, at: path + keyword) } }

    mutating func schemaList(_ keyword: String) -> [JSONSchema] {
        guard let child = child(keyword) else { return [] }
        let items = child.items ?? []
        if items.isEmpty { report("\(keyword) must be a list of schemas") }
        return items.enumerated().map { load($1, at: path + keyword + $0) }
    }

    mutating func schemas(_ keyword: String) -> ([String: JSONSchema], [String]) {
        guard let child = child(keyword) else { return ([:], []) }
        if child.entries == nil { report("\(keyword) must be a mapping of schemas") }
        var schemas: [String: JSONSchema] = [:]
        for entry in child.entries ?? [] { schemas[entry.name] = load(entry.value, at: path + keyword + entry.name) }
        return (schemas, (child.entries ?? []).map(\.name))
    }

    mutating func additionalProperties() -> JSONSchema.AdditionalProperties {
        guard let node = child("additionalProperties") else { return .refused }
        guard node.entries == nil else { return .schema(load(node, at: path + "additionalProperties")) }
        switch JSONValue(resolving: node) {
        case .bool(let isAllowed): return isAllowed ? .any : .refused
        default:
            report("additionalProperties must be a schema, true or false")
            return .refused
        }
    }

    mutating func pattern() -> Pattern? {
        guard let source = text("pattern") else { return nil }
        do {
            return try Pattern(source)
        } catch let error as PatternSyntax.Unsupported {
            report("pattern \(quoted(source)): \(error)")
        } catch {
            report("pattern \(quoted(source)) does not compile")
        }
        return nil
    }
}

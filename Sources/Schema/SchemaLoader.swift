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
            loader.report("unknown keyword \(quoted(entry.name))")
        }
        return (schema, loader.problems)
    }

    private init(node: YAMLNode, path: FieldPath) {
        self.node = node
        self.path = path
        if node.entries == nil { report("a schema must be a mapping") }
    }

    private mutating func report(_ reason: String) { problems.append(Problem(path: path, reason: reason)) }

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

    mutating func texts(_ keyword: String) -> [String] { value(keyword)?.items?.compactMap(\.text) ?? [] }

    mutating func flag(_ keyword: String) -> Bool { value(keyword) == .bool(true) }

    mutating func enumeration<T: RawRepresentable<String>>(_ keyword: String) -> T? {
        guard let text = text(keyword) else { return nil }
        if T(rawValue: text) == nil { report("\(keyword) \(quoted(text)) is not known") }
        return T(rawValue: text)
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

    mutating func bounds() -> JSONSchema.Bounds {
        var bounds = JSONSchema.Bounds()
        bounds.minimum = number("minimum")
        bounds.maximum = number("maximum")
        bounds.isMinimumExclusive = flag("exclusiveMinimum")
        bounds.isMaximumExclusive = flag("exclusiveMaximum")
        bounds.multipleOf = number("multipleOf")
        bounds.minLength = number("minLength").map { Int($0) }
        bounds.maxLength = number("maxLength").map { Int($0) }
        bounds.minItems = number("minItems").map { Int($0) }
        bounds.maxItems = number("maxItems").map { Int($0) }
        bounds.minProperties = number("minProperties").map { Int($0) }
        bounds.maxProperties = number("maxProperties").map { Int($0) }
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
        (child(keyword)?.items ?? []).enumerated().map { load($1, at: path + keyword + $0) }
    }

    mutating func schemas(_ keyword: String) -> ([String: JSONSchema], [String]) {
        let entries = child(keyword)?.entries ?? []
        var schemas: [String: JSONSchema] = [:]
        for entry in entries { schemas[entry.name] = load(entry.value, at: path + keyword + entry.name) }
        return (schemas, entries.map(\.name))
    }

    mutating func additionalProperties() -> JSONSchema.AdditionalProperties {
        guard let node = child("additionalProperties") else { return .refused }
        guard node.scalar == nil else { return JSONValue(resolving: node) == .bool(true) ? .any : .refused }
        return .schema(load(node, at: path + "additionalProperties"))
    }

    mutating func pattern() -> Pattern? {
        guard let source = text("pattern") else { return nil }
        do {
            return try Pattern(source)
        } catch {
            report("pattern \(quoted(source)) does not compile")
            return nil
        }
    }

    mutating func rules() -> [JSONSchema.Rule] {
        var rules: [JSONSchema.Rule] = []
        for item in value("x-kubernetes-validations")?.items ?? [] {
            guard let source = item["rule"]?.text, let message = item["message"]?.text else {
                report("a rule needs rule and message")
                continue
            }
            do {
                rules.append(.init(source: source, message: message, expression: try CELExpression(parsing: source)))
            } catch {
                report("rule \(quoted(source)): \(error)")
            }
        }
        return rules
    }
}

extension JSONValue {
    /// A value of a CRD, by YAML 1.2's core schema.
    init(resolving node: YAMLNode) {
        switch node.content {
        case .sequence(let items): self = .array(items.map { JSONValue(resolving: $0) })
        case .mapping(let entries):
            self = .object(
                Dictionary(
                    entries.map { ($0.name, JSONValue(resolving: $0.value)) }, uniquingKeysWith: { first, _ in first }))
        case .scalar(let scalar):
            let text = scalar.text
            guard scalar.isPlain else {
                self = .string(text)
                return
            }
            switch PlainScalar(text) {
            case .null: self = .null
            case .integer: self = Int64(text).map { .integer($0) } ?? .string(text)
            case .float: self = Double(text).map { .number($0) } ?? .string(text)
            case .bool: self = text == "true" ? .bool(true) : text == "false" ? .bool(false) : .string(text)
            case .string: self = .string(text)
            }
        }
    }
}

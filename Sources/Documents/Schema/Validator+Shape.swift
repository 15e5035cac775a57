internal import JSON
internal import Manifest

/// First pass: the tree becomes a value of the schema's types, with defaults; unknown fields are refused.
extension Validator {
    /// null, and a note of it, when the node does not have the schema's type.
    mutating func shape(_ node: YAMLNode, _ schema: JSONSchema, at path: FieldPath) -> JSONValue {
        if node.isNull {
            if schema.isNullable { return .null }
            // As Kubernetes: a null where none is allowed gives way to the default.
            if let value = schema.defaulted() { return value }
        }
        if schema.isIntOrString { return integerOrString(node, schema, at: path) }
        switch schema.type {
        case .object?: return object(node, schema, at: path)
        case .array?: return array(node, schema, at: path)
        case .string?: return string(node, schema, at: path)
        case .integer?: return integer(node, at: path)
        case .number?: return number(node, at: path)
        case .boolean?: return boolean(node, at: path)
        case nil where node.entries != nil && !schema.properties.isEmpty: return object(node, schema, at: path)
        case nil where node.items != nil && schema.items != nil: return array(node, schema, at: path)
        case nil: return JSONValue(resolving: node)
        }
    }

    private mutating func object(_ node: YAMLNode, _ schema: JSONSchema, at path: FieldPath) -> JSONValue {
        guard let entries = node.entries else {
            return fail(path, at: node.position, node.whyNoMapping, "write FIELD: VALUE lines below it")
        }
        var fields: [String: JSONValue] = [:]
        for entry in entries {
            let place = path + entry.name
            if let known = schema.properties[entry.name] {
                // As Kubernetes: a null where none is allowed counts as absent.
                guard !entry.value.isNull || known.isNullable else {
                    nulls.append(place)
                    continue
                }
                fields[entry.name] = shape(entry.value, known, at: place)
                continue
            }
            switch schema.additionalProperties {
            case .schema(let inner):
                if let key = entry.key.scalar, key.isPlain, PlainScalar(key.text) != .string {
                    report(place, at: entry.key.position, "the key is \(PlainScalar(key.text).noun)", "quote it")
                }
                fields[entry.name] = shape(entry.value, inner, at: place)
            case .any: fields[entry.name] = JSONValue(resolving: entry.value)
            case .refused where schema.preservesUnknownFields:
                fields[entry.name] = JSONValue(resolving: entry.value)
            case .refused: unknownField(entry, among: schema, at: place)
            }
        }
        for (name, property) in schema.properties where fields[name] == nil { fields[name] = property.defaulted() }
        return .object(fields)
    }

    private mutating func unknownField(_ entry: YAMLNode.Entry, among schema: JSONSchema, at path: FieldPath) {
        if ["privatekey", "private_key", "private-key"].contains(entry.name.lowercased()) {
            report(
                path, at: entry.key.position, "a private key is never in a manifest",
                "remove it, and make a new key: this one has been seen")
            return
        }
        let known = schema.propertyOrder.sorted()
        reportUnknown(
            entry, at: path, among: known,
            otherwise: known.isEmpty ? "remove it" : "known are \(known.joined(separator: ", "))")
    }

    /// A field that is not known: because of a character that is mistaken for a space, or a typing mistake.
    mutating func reportUnknown(
        _ entry: YAMLNode.Entry, at path: FieldPath, among known: [String], otherwise remedy: @autoclosure () -> String
    ) {
        if let space = entry.name.unicodeScalars.first(where: \.isFalseSpace) {
            return report(
                path, at: entry.key.position,
                "unknown field: the character \(space.codePoint) in it looks like a space and is a letter to YAML",
                "write a plain space")
        }
        report(
            path, at: entry.key.position, "unknown field",
            suggestion(for: entry.name, among: known).map { "did you mean \"\($0)\"?" } ?? remedy())
    }

    private mutating func array(_ node: YAMLNode, _ schema: JSONSchema, at path: FieldPath) -> JSONValue {
        guard let items = node.items else {
            return fail(
                path, at: node.position, "must be a list, not \(node.shape)",
                "write it as [A, B] or as lines that begin with -")
        }
        guard let inner = schema.items else { return .array(items.map { JSONValue(resolving: $0) }) }
        return .array(items.enumerated().map { shape($1, inner, at: path + $0) })
    }

    private mutating func string(_ node: YAMLNode, _ schema: JSONSchema, at path: FieldPath) -> JSONValue {
        guard let scalar = node.scalar else { return notScalar(node, "text", at: path) }
        let kind = PlainScalar(scalar.text)
        guard scalar.isPlain, kind != .string else { return .string(scalar.text) }
        let shown = schema.isSecret || kind == .null ? "the value" : escaped(String(scalar.text.prefix(64)))
        return fail(path, at: node.position, "\(shown) is \(kind.noun) to YAML, and text is wanted", "quote it")
    }

    private mutating func integerOrString(
        _ node: YAMLNode, _ schema: JSONSchema, at path: FieldPath
    ) -> JSONValue {
        guard let scalar = node.scalar else { return notScalar(node, "a whole number or text", at: path) }
        let isInteger = scalar.isPlain && PlainScalar(scalar.text) == .integer
        return isInteger ? integer(node, at: path) : string(node, schema, at: path)
    }

    private mutating func integer(_ node: YAMLNode, at path: FieldPath) -> JSONValue {
        guard let scalar = node.scalar else { return notScalar(node, "a whole number", at: path) }
        guard scalar.isPlain else {
            return fail(
                path, at: node.position, "must be a whole number, not text", "remove the quotes and write digits")
        }
        guard let number = Int64(scalar.text), String(number) == scalar.text else {
            let digits = scalar.text.utf8.drop { $0 == UInt8(ascii: "-") }
            let isDecimal = !digits.isEmpty && digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
            let isLarge = isDecimal && digits.first != UInt8(ascii: "0")
            return fail(
                path, at: node.position, isLarge ? "the number is too large" : "must be a whole number",
                isLarge ? "use at most 64 bits" : "write decimal digits without a leading zero, sign + or fraction")
        }
        return .integer(number)
    }

    private mutating func number(_ node: YAMLNode, at path: FieldPath) -> JSONValue {
        guard let scalar = node.scalar else { return notScalar(node, "a number", at: path) }
        guard scalar.isPlain, let number = JSONValue(number: scalar.text) else {
            return fail(path, at: node.position, "must be a number", "write decimal digits, without quotes")
        }
        return number
    }

    private mutating func boolean(_ node: YAMLNode, at path: FieldPath) -> JSONValue {
        guard let scalar = node.scalar else { return notScalar(node, "true or false", at: path) }
        guard scalar.isPlain, scalar.text == "true" || scalar.text == "false" else {
            return fail(path, at: node.position, "must be true or false", "write true or false, without quotes")
        }
        return .bool(scalar.text == "true")
    }

    private mutating func notScalar(_ node: YAMLNode, _ what: String, at path: FieldPath) -> JSONValue {
        fail(path, at: node.position, "must be \(what), not \(node.shape)", "write one value")
    }
}

extension YAMLNode {
    /// What is wrong with it where a mapping is wanted.
    var whyNoMapping: String {
        let space = scalar?.text.unicodeScalars.first(where: \.isFalseSpace)
        return "must be a mapping, not \(shape)"
            + (space.map { ": the character \($0.codePoint) in it looks like a space and is a letter to YAML" } ?? "")
    }

    /// Whether YAML reads a null.
    fileprivate var isNull: Bool { scalar.map { $0.isPlain && PlainScalar($0.text) == .null } ?? false }
}

extension JSONSchema {
    /// The default, with the defaults of the fields below it, as Kubernetes applies them.
    func defaulted() -> JSONValue? { defaultValue.map { fill($0) } }

    private func fill(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(var fields):
            for (name, property) in properties {
                fields[name] = fields[name].map { property.fill($0) } ?? property.defaulted()
            }
            if case .schema(let inner) = additionalProperties { fields = fields.mapValues { inner.fill($0) } }
            return .object(fields)
        case .array(let list): return items.map { inner in .array(list.map { inner.fill($0) }) } ?? value
        default: return value
        }
    }
}

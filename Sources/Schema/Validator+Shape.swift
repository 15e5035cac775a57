internal import Manifest

/// First pass: the tree becomes a value of the schema's types, with defaults; unknown fields are refused.
extension Validator {
    /// nil when the node does not have the schema's type.
    mutating func shape(_ node: YAMLNode, _ schema: JSONSchema, at path: FieldPath) -> JSONValue? {
        if let scalar = node.scalar, scalar.isPlain, PlainScalar(scalar.text) == .null, schema.isNullable {
            return .null
        }
        if schema.isIntOrString, let scalar = node.scalar {
            if scalar.isPlain, let number = Int64(scalar.text) { return .integer(number) }
            return .string(scalar.text)
        }
        switch schema.type {
        case .object?: return object(node, schema, at: path)
        case .array?: return array(node, schema, at: path)
        case .string?: return string(node, schema, at: path)
        case .integer?: return integer(node, at: path)
        case .number?: return number(node, at: path)
        case .boolean?: return boolean(node, at: path)
        case nil: return JSONValue(resolving: node)
        }
    }

    private mutating func object(_ node: YAMLNode, _ schema: JSONSchema, at path: FieldPath) -> JSONValue? {
        guard let entries = node.entries else {
            fail(path, at: node.position, "must be a mapping, not \(node.shape)", "write FIELD: VALUE lines below it")
            return nil
        }
        var fields: [String: JSONValue] = [:]
        for entry in entries {
            let place = path + entry.name
            if let known = schema.properties[entry.name] {
                // As Kubernetes: a null where none is allowed counts as absent.
                if let scalar = entry.value.scalar, scalar.isPlain, PlainScalar(scalar.text) == .null, !known.isNullable
                {
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
        for (name, property) in schema.properties where fields[name] == nil && !isUnshaped(path + name) {
            fields[name] = property.defaulted()
        }
        return .object(fields)
    }

    private mutating func unknownField(_ entry: YAMLNode.Entry, among schema: JSONSchema, at path: FieldPath) {
        if ["privatekey", "private_key", "private-key"].contains(entry.name.lowercased()) {
            report(
                path, at: entry.key.position, "a private key is never in a manifest",
                "remove it, and make a new key: this one has been seen")
            return
        }
        report(
            path, at: entry.key.position, "unknown field",
            suggestion(for: entry.name, among: schema.propertyOrder).map { "did you mean \"\($0)\"?" }
                ?? "known are \(schema.propertyOrder.sorted().joined(separator: ", "))")
    }

    private mutating func array(_ node: YAMLNode, _ schema: JSONSchema, at path: FieldPath) -> JSONValue? {
        guard let items = node.items else {
            fail(
                path, at: node.position, "must be a list, not \(node.shape)",
                "write it as [A, B] or as lines that begin with -")
            return nil
        }
        guard let inner = schema.items else { return .array(items.map { JSONValue(resolving: $0) }) }
        return .array(items.enumerated().compactMap { shape($1, inner, at: path + $0) })
    }

    private mutating func scalar(_ node: YAMLNode, _ what: String, at path: FieldPath) -> YAMLNode.Scalar? {
        if node.scalar == nil { fail(path, at: node.position, "must be \(what), not \(node.shape)", "write one value") }
        return node.scalar
    }

    private mutating func string(_ node: YAMLNode, _ schema: JSONSchema, at path: FieldPath) -> JSONValue? {
        guard let scalar = scalar(node, "text", at: path) else { return nil }
        let kind = PlainScalar(scalar.text)
        guard scalar.isPlain, kind != .string else { return .string(scalar.text) }
        let shown = schema.isSecret || kind == .null ? "the value" : escaped(String(scalar.text.prefix(64)))
        fail(path, at: node.position, "\(shown) is \(kind.noun) to YAML, and text is wanted", "quote it")
        return nil
    }

    private mutating func integer(_ node: YAMLNode, at path: FieldPath) -> JSONValue? {
        guard let scalar = scalar(node, "a whole number", at: path) else { return nil }
        guard scalar.isPlain else {
            fail(path, at: node.position, "must be a whole number, not text", "remove the quotes and write digits")
            return nil
        }
        guard let number = Int64(scalar.text), String(number) == scalar.text else {
            let digits = scalar.text.utf8.drop { $0 == UInt8(ascii: "-") }
            let isDecimal = !digits.isEmpty && digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
            let isLarge = isDecimal && digits.first != UInt8(ascii: "0")
            fail(
                path, at: node.position, isLarge ? "the number is too large" : "must be a whole number",
                isLarge ? "use at most 64 bits" : "write decimal digits without a leading zero, sign + or fraction")
            return nil
        }
        return .integer(number)
    }

    private mutating func number(_ node: YAMLNode, at path: FieldPath) -> JSONValue? {
        guard let scalar = scalar(node, "a number", at: path) else { return nil }
        guard scalar.isPlain, [.integer, .float].contains(PlainScalar(scalar.text)), let number = Double(scalar.text),
            number.isFinite
        else {
            fail(path, at: node.position, "must be a number", "write decimal digits, without quotes")
            return nil
        }
        return Int64(scalar.text).map { .integer($0) } ?? .number(number)
    }

    private mutating func boolean(_ node: YAMLNode, at path: FieldPath) -> JSONValue? {
        guard let scalar = scalar(node, "true or false", at: path) else { return nil }
        guard scalar.isPlain, scalar.text == "true" || scalar.text == "false" else {
            fail(path, at: node.position, "must be true or false", "write true or false, without quotes")
            return nil
        }
        return .bool(scalar.text == "true")
    }
}

extension JSONSchema {
    /// The default, with the defaults of the fields below it, as Kubernetes applies them.
    func defaulted() -> JSONValue? { defaultValue.map { fill($0) } }

    private func fill(_ value: JSONValue) -> JSONValue {
        guard case .object(var fields) = value else { return value }
        for (name, property) in properties {
            fields[name] = fields[name].map { property.fill($0) } ?? property.defaulted()
        }
        return .object(fields)
    }
}

internal import JSON

/// One field of a kind, flattened for `wgctl explain` and the reference docs.
public struct FieldReference: Hashable, Sendable {
    /// `spec.overlays[].addresses[]`.
    public let path: String
    /// `string`, `[]IPAddress`, `object`, `map[string]string`, `integer`.
    public let type: String
    public let isRequired: Bool
    /// Canonical JSON; nil without a default.
    public let defaultText: String?
    /// `1 to 65535`, `one of TCP, UDP, SCTP`, `at most 63 characters`; sorted as read.
    public let constraints: [String]
    /// What rules refuse, in their words: `has host bits set`.
    public let refusals: [String]
    public let summary: String
    public let example: String?
}

extension CustomResourceDefinition {
    /// The schema at `spec.overlays.addresses` (lists are stepped into, as with `kubectl explain`); nil for an unknown path.
    public func schema(at path: String) -> JSONSchema? {
        var schema = self.schema
        for step in path.split(separator: ".") {
            let name = step.hasSuffix("[]") ? step.dropLast(2) : step
            while let items = schema.items { schema = items }
            guard let next = schema.properties[String(name)] else { return nil }
            schema = next
        }
        return schema
    }

    /// Every field of the spec, parents first, in the CRD's order.
    public var specFields: [FieldReference] {
        guard let spec = schema.properties["spec"] else { return [] }
        return spec.fields(below: "spec")
    }
}

extension JSONSchema {
    /// The fields below this schema, depth first.
    public func fields(below path: String) -> [FieldReference] {
        if let items { return items.fields(below: path + "[]") }
        return propertyOrder.flatMap { name -> [FieldReference] in
            guard let property = properties[name] else { return [] }
            return [property.reference("\(path).\(name)", isRequired: required.contains(name))]
                + property.fields(below: "\(path).\(name)")
        }
    }

    private func reference(_ path: String, isRequired: Bool) -> FieldReference {
        FieldReference(
            path: path, type: typeName, isRequired: isRequired, defaultText: defaultValue?.canonicalText,
            constraints: constraints, refusals: fieldRules.map(\.reason), summary: summary, example: example)
    }

    /// The type as kubectl prints it, with our names for texts of a syntax.
    public var typeName: String {
        if let items { return "[]\(items.typeName)" }
        if case .schema(let values) = additionalProperties { return "map[string]\(values.type?.rawValue ?? "any")" }
        return title ?? type?.rawValue ?? "any"
    }

    /// Bounds in words.
    public var constraints: [String] {
        var words: [String] = []
        if !enumeration.isEmpty {
            words.append("one of " + enumeration.map { $0.text ?? $0.canonicalText }.joined(separator: ", "))
        }
        if bounds.minimum != nil || bounds.maximum != nil {
            words.append(String(bounds.range.dropFirst("write a number ".count)))
        }
        if let most = bounds.maxLength, title == nil { words.append("at most \(most) characters") }
        switch (bounds.minItems, bounds.maxItems) {
        case (let least?, let most?): words.append("\(least) to \(most) items")
        case (nil, let most?): words.append("at most \(most) items")
        case (let least?, nil): words.append("at least \(least) items")
        case (nil, nil): break
        }
        if listType == .set { words.append("no item twice") }
        if listType == .map { words.append("unique by \(listMapKeys.joined(separator: ", "))") }
        return words
    }

    /// The rules on a field, and on the items of a list that are no objects with fields of their own.
    public var fieldRules: [Rule] {
        guard let items, items.properties.isEmpty else { return rules }
        return rules + items.fieldRules
    }
}

import JSON
import Manifest

@testable import Schema

/// What an API server asks of the schema of a CRD before it takes it: the rules of structural schemas, lists, defaults
/// and rules (k8s.io/apiextensions-apiserver, pkg/apiserver/schema/validation.go and
/// pkg/apis/apiextensions/validation/validation.go).
struct StructuralRules {
    private(set) var problems: [String] = []

    static func problems(of root: JSONSchema) -> [String] {
        var rules = StructuralRules()
        rules.checkRoot(root)
        rules.check(root, at: "")
        return rules.problems
    }

    private mutating func expect(_ isTrue: Bool, _ path: String, _ problem: String) {
        if !isTrue { problems.append("\(path): \(problem)") }
    }

    private mutating func checkRoot(_ root: JSONSchema) {
        expect(root.type == .object && !root.isNullable, "", "the root must be an object, and not nullable")
        expect(root.additionalProperties.isAbsent, "", "the root has no additionalProperties")
        // With a status subresource, the rest would be lost when the schema of status is taken out.
        let isPlain =
            root.allOf.isEmpty && root.anyOf.isEmpty && root.oneOf.isEmpty && root.not == nil && root.items == nil
            && root.enumeration.isEmpty && root.pattern == nil && root.defaultValue == nil
        expect(isPlain, "", "the root says more than an object with properties")
        expect(root.properties["apiVersion"]?.type == .string, "apiVersion", "must be text")
        expect(root.properties["kind"]?.type == .string, "kind", "must be text")
        guard let metadata = root.properties["metadata"] else { return }
        let names = Set(metadata.propertyOrder)
        let isName = names.isSubset(of: ["name", "generateName"])
        expect(isName, "metadata", "only name and generateName may be restricted")
        let isBare =
            metadata.type == .object && metadata.description.isEmpty && metadata.title == nil
            && metadata.required.isEmpty && metadata.rules.isEmpty && metadata.defaultValue == nil
        expect(isBare, "metadata", "says more than name and generateName")
        for (name, property) in metadata.properties {
            expect(property.defaultValue == nil, "metadata.\(name)", "has a default")
        }
    }

    private mutating func check(_ schema: JSONSchema, at path: String) {
        let isTypeless = schema.isIntOrString || schema.preservesUnknownFields
        expect(schema.type != nil || isTypeless, path, "a type is needed")
        expect(schema.type != .array || schema.items != nil, path, "a list has items")
        expect(!schema.bounds.hasUniqueItems, path, "uniqueItems takes quadratic time and is forbidden")
        expect(!(schema.isIntOrString && schema.preservesUnknownFields), path, "int-or-string has no fields")
        let isEither = schema.additionalProperties.isAbsent || schema.properties.isEmpty
        expect(isEither, path, "properties and additionalProperties exclude each other")
        // An API server takes others as well, and never finds them.
        expect(Set(schema.required).isSubset(of: schema.propertyOrder), path, "required names no property")
        checkList(schema, at: path)
        checkCombinators(schema, at: path)
        checkDefault(schema, at: path)
        checkCost(schema, at: path)
        for name in schema.propertyOrder { schema.properties[name].map { check($0, at: "\(path).\(name)") } }
        schema.items.map { check($0, at: path + "[]") }
        if case .schema(let values) = schema.additionalProperties { check(values, at: path + "{}") }
    }

    private mutating func checkList(_ schema: JSONSchema, at path: String) {
        expect(schema.mapType == .granular || schema.type == .object, path, "a map type belongs to objects")
        let hasKeys = !schema.listMapKeys.isEmpty
        expect((schema.listType == .map) == hasKeys, path, "keys belong to lists of type map, which have them")
        guard schema.listType != .atomic else { return }
        expect(schema.type == .array, path, "a list type belongs to lists")
        expect(schema.items?.isNullable == false, path, "the items of a set or map are not nullable")
        if schema.listType == .set, let items = schema.items {
            let isAtomicList = items.type != .array || items.listType == .atomic
            let isAtomicMap = items.type != .object || items.mapType == .atomic
            expect(isAtomicList && isAtomicMap, path, "the items of a set are atomic")
        }
        if schema.listType == .map { expect(schema.items?.type == .object, path, "the items of a map are objects") }
        for key in schema.listMapKeys {
            let property = schema.items?.properties[key]
            let isCertain = schema.items?.required.contains(key) == true || property?.defaultValue != nil
            expect(isCertain && property?.isNullable == false, path, "the key \(key) is there always")
            let isScalar = property.map { $0.type != .object && $0.type != .array } ?? false
            expect(isScalar, path, "the key \(key) is a scalar")
        }
    }

    /// Inside of combinators stand checks of values alone, of fields that stand outside as well.
    private mutating func checkCombinators(_ schema: JSONSchema, at path: String) {
        let isTypePattern = schema.isIntOrString && schema.anyOf.map(\.type) == [.integer, .string]
        for nested in schema.combined where !(isTypePattern && schema.anyOf.contains { $0 === nested }) {
            checkNested(nested, of: schema, at: path)
        }
    }

    private mutating func checkNested(_ nested: JSONSchema, of outer: JSONSchema, at path: String) {
        let isBare =
            nested.type == nil && nested.description.isEmpty && nested.title == nil && nested.defaultValue == nil
            && !nested.isNullable && !nested.isIntOrString && !nested.preservesUnknownFields && nested.rules.isEmpty
            && nested.listType == .atomic && nested.listMapKeys.isEmpty && nested.additionalProperties.isAbsent
        expect(isBare, path, "a combinator says more than checks of values")
        for name in nested.propertyOrder {
            guard let property = nested.properties[name] else { continue }
            expect(name != "metadata", path, "a combinator speaks of metadata")
            if let known = outer.properties[name] {
                checkNested(property, of: known, at: "\(path).\(name)")
            } else {
                expect(false, path, "a combinator names \(name), which does not stand outside")
            }
        }
        if let items = nested.items {
            if let known = outer.items {
                checkNested(items, of: known, at: path + "[]")
            } else {
                expect(false, path, "a combinator has items, which do not stand outside")
            }
        }
        for deeper in nested.combined { checkNested(deeper, of: outer, at: path) }
    }

    /// A default has no unknown fields and is valid, also after the defaults below it.
    private mutating func checkDefault(_ schema: JSONSchema, at path: String) {
        guard let value = schema.defaultValue else { return }
        let document = Document(file: path, index: 0, root: YAMLNode(.mapping([]), at: .start))
        for value in [value, schema.defaulted()].compactMap(\.self) {
            var validator = Validator(document: document)
            validator.check(value, schema, at: FieldPath())
            validator.finish()
            expect(validator.errors.isEmpty, path, "the default is not valid")
        }
        expect(schema.isPruned(value), path, "the default has unknown fields")
    }

    /// Without bounds, an API server's estimate of what rules cost has no end.
    private mutating func checkCost(_ schema: JSONSchema, at path: String) {
        guard !path.hasPrefix(".status") else { return }
        expect(schema.type != .array || schema.bounds.maxItems != nil, path, "maxItems is missing")
        if case .schema = schema.additionalProperties {
            expect(schema.bounds.maxProperties != nil, path, "maxProperties is missing")
        }
        let isBounded = schema.bounds.maxLength != nil || !schema.enumeration.isEmpty || schema.format == .dateTime
        let isMeta = [".apiVersion", ".kind"].contains(path)
        expect(schema.type != .string || isBounded || isMeta, path, "maxLength or enum is missing")
        let isNumber = schema.type == .integer || schema.type == .number
        expect(!isNumber || schema.bounds.minimum != nil || !schema.enumeration.isEmpty, path, "minimum is missing")
    }
}

extension JSONSchema.AdditionalProperties {
    fileprivate var isAbsent: Bool { if case .refused = self { true } else { false } }
}

extension JSONSchema {
    fileprivate var combined: [JSONSchema] { allOf + anyOf + oneOf + (not.map { [$0] } ?? []) }

    /// Whether a value has no field that this schema does not have.
    fileprivate func isPruned(_ value: JSONValue) -> Bool {
        switch value {
        case .object(let fields):
            fields.allSatisfy { name, inner in
                if let property = properties[name] { return property.isPruned(inner) }
                if case .schema(let values) = additionalProperties { return values.isPruned(inner) }
                return preservesUnknownFields
            }
        case .array(let list): list.allSatisfy { items?.isPruned($0) ?? true }
        default: true
        }
    }
}

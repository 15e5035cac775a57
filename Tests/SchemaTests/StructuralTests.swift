import Manifest
import Testing

@testable import Schema

/// The rules of Kubernetes' structural schemas (apiextensions-apiserver, pkg/apiserver/schema/validation.go) and of list
/// types, so that an API server accepts the CRDs as they stand.
@Suite struct StructuralTests {
    @Test func anAPIServerWouldAcceptTheCRDs() throws {
        for definition in try SchemaCatalog().definitions {
            #expect(definition.schema.type == .object)
            let metadata = try #require(definition.schema.properties["metadata"])
            #expect(metadata.propertyOrder == ["name"] && metadata.description.isEmpty && metadata.title == nil)
            #expect(definition.printerColumns.map(\.name).suffix(4) == ["Accepted", "Programmed", "Ready", "Age"])
            walk(definition.schema, at: definition.kind)
        }
    }

    private func walk(_ schema: JSONSchema, at path: String) {
        #expect(
            schema.type != nil || schema.isIntOrString || schema.preservesUnknownFields, "\(path): a type is needed")
        #expect(!schema.bounds.hasUniqueItems, "\(path): uniqueItems is forbidden")
        #expect((schema.type == .array) == (schema.items != nil), "\(path): items")
        // Without bounds the API server's cost estimate of a rule below it exceeds the budget.
        #expect(schema.type != .array || schema.bounds.maxItems != nil, "\(path): maxItems")
        #expect(Set(schema.required).isSubset(of: schema.propertyOrder), "\(path): required")
        for inner in schema.allOf + schema.anyOf + schema.oneOf {
            #expect(inner.type == nil && inner.description.isEmpty && inner.defaultValue == nil, "\(path): nested")
        }
        for key in schema.listMapKeys {
            let property = schema.items?.properties[key]
            let isCertain = schema.items?.required.contains(key) == true || property?.defaultValue != nil
            #expect(isCertain && property?.type != .object && property?.type != .array, "\(path): key \(key)")
        }
        #expect((schema.listType == .map) == !schema.listMapKeys.isEmpty, "\(path): list-map-keys")
        if let value = schema.defaulted() {
            let document = Document(file: path, index: 0, root: YAMLNode(.mapping([]), at: .start))
            var validator = Validator(document: document)
            validator.check(value, schema, at: FieldPath())
            #expect(validator.errors == [], "\(path): the default is not valid")
        }
        for (name, property) in schema.properties { walk(property, at: "\(path).\(name)") }
        if let items = schema.items { walk(items, at: path + "[]") }
        if case .schema(let values) = schema.additionalProperties { walk(values, at: path + "{}") }
    }
}

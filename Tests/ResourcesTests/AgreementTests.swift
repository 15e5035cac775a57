import HostPolicy
import JSON
import Resources
import Schema
import Testing

/// Each Swift struct and its schema name the same fields.
@Suite struct AgreementTests {
    @Test func nodeAgrees() throws { try agree("Node", NodeSpec.self) }
    @Test func overlayAgrees() throws { try agree("Overlay", OverlaySpec.self) }

    @Test func hostPolicyAgrees() throws {
        let catalog = SchemaCatalog([try HostPolicy.definition()])
        try agree("HostPolicy", HostPolicy.self, in: catalog)
        // What a host without the file has is what an empty spec says.
        let text = "apiVersion: wgctl.dev/v1alpha1\nkind: HostPolicy\nspec: {}\n"
        #expect(try HostPolicy(file: file("policy.yaml", text)) == HostPolicy())
    }

    private func agree<Spec: Codable>(_ kind: String, _ type: Spec.Type, in catalog: SchemaCatalog? = nil) throws {
        let catalog = try catalog ?? SchemaCatalog()
        let schema = try #require(catalog.definition(named: kind)?.schema.properties["spec"])
        let full = try sample(schema, isFull: true).decode(type)
        compare(full, schema, at: "spec")
        // Required fields and defaults are enough for every field that is not optional.
        #expect(throws: Never.self) { try sample(schema, isFull: false).decode(type) }
    }

    private func compare(_ value: Any, _ schema: JSONSchema, at path: String) {
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .optional {
            guard let some = mirror.children.first else {
                Issue.record("\(path) is lost on the way into the struct")
                return
            }
            compare(some.value, schema, at: path)
        } else if let items = schema.items {
            guard let first = mirror.children.first else {
                Issue.record("\(path) is lost on the way into the struct")
                return
            }
            compare(first.value, items, at: path + "[]")
        } else if !schema.properties.isEmpty {
            let labels = mirror.children.compactMap(\.label)
            #expect(labels.sorted() == schema.properties.keys.sorted(), "fields of \(path)")
            for (label, child) in mirror.children {
                guard let label, let property = schema.properties[label] else { continue }
                compare(child, property, at: "\(path).\(label)")
            }
        }
    }

    /// A value with every field, or with required fields and defaults alone.
    private func sample(_ schema: JSONSchema, isFull: Bool) -> JSONValue {
        if !isFull, let value = schema.defaultValue, value != .object([:]) { return value }
        if let first = schema.enumeration.first { return first }
        switch schema.type {
        case .object?:
            if case .schema(let inner) = schema.additionalProperties {
                return .object(["key": sample(inner, isFull: isFull)])
            }
            let names = schema.properties.filter {
                isFull || schema.required.contains($0.key) || $0.value.defaultValue != nil
            }
            return .object(names.mapValues { sample($0, isFull: isFull) })
        case .array?: return .array(schema.items.map { [sample($0, isFull: isFull)] } ?? [])
        case .integer?, .number?: return .integer(Int64(max(schema.bounds.minimum ?? 1, 1)))
        case .boolean?: return .bool(true)
        case .string?, nil: return .string(schema.example ?? "x")
        }
    }
}

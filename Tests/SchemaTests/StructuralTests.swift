import Manifest
import Testing

@testable import Schema

/// An API server accepts the CRDs as they stand.
@Suite struct StructuralTests {
    @Test func theSchemasAreStructural() throws {
        for definition in try SchemaCatalog().definitions {
            #expect(StructuralRules.problems(of: definition.schema) == [], "\(definition.kind)")
        }
    }

    /// The rules themselves: each schema of the table breaks one.
    @Test func whatIsNotStructuralIsFound() throws {
        for item in try Tables.cases("structural.yaml") {
            let name = item.text("description")
            let node: YAMLNode
            if let root = item["root"] {
                node = root
            } else {
                let spec = YAMLNode.Entry(key: .text("spec"), value: try #require(item["schema"], "\(name)"))
                let head = ["apiVersion", "kind"].map { name in
                    YAMLNode.Entry(key: .text(name), value: .mapping([("type", .text("string"))]))
                }
                let properties = YAMLNode(.mapping(head + [spec]), at: .start)
                node = .mapping([("type", .text("object")), ("properties", properties)])
            }
            let (schema, loading) = SchemaLoader.load(node, path: FieldPath())
            #expect(loading == [], "\(name)")
            let problems = StructuralRules.problems(of: schema)
            let reason = item.text("refused")
            if reason.isEmpty {
                #expect(problems == [], "\(name)")
            } else {
                #expect(problems.contains { $0.contains(reason) }, "\(name): \(problems)")
            }
        }
    }

    /// What stands around the schema.
    @Test func theDefinitionsAreWhole() throws {
        for definition in try SchemaCatalog().definitions {
            let (kind, columns) = (definition.kind, definition.printerColumns)
            #expect(definition.plural == kind.lowercased() + "s" && definition.singular == kind.lowercased())
            #expect(columns.map(\.name).suffix(4) == ["Accepted", "Programmed", "Ready", "Age"])
            for column in columns {
                #expect(["integer", "number", "string", "boolean", "date"].contains(column.type), "\(column)")
                #expect(!column.description.isEmpty && column.jsonPath.hasPrefix("."), "\(column)")
                // `.status.conditions[?(@.type=="Ready")].status` as `status.conditions[].status`.
                let path = column.jsonPath.dropFirst().replacing(/\[[^\]]*\]/, with: "[]")
                let isKnown = definition.schema(at: String(path)) != nil || path.hasPrefix("metadata.")
                #expect(isKnown, "\(kind) \(column.name): there is no field \(path)")
            }
        }
    }
}

extension YAMLNode {
    fileprivate static func text(_ text: String) -> YAMLNode {
        YAMLNode(.scalar(.init(text: text, isPlain: false)), at: .start)
    }

    fileprivate static func mapping(_ entries: [(String, YAMLNode)]) -> YAMLNode {
        YAMLNode(.mapping(entries.map { Entry(key: text($0), value: $1) }), at: .start)
    }
}

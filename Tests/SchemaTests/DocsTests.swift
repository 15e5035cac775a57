import Foundation
import TestSupport
import Testing

@testable import Schema

@Suite struct DocsTests {
    @Test func docsAreWhatTheCRDsSay() throws {
        let catalog = try SchemaCatalog()
        let text = ReferenceDocs.markdown(catalog)
        #expect(text == ReferenceDocs.markdown(try SchemaCatalog()))
        try expectGolden(text, "../../docs/resources.md")
    }

    @Test func everyFieldHasADescriptionWithAnExample() throws {
        for definition in try SchemaCatalog().definitions {
            #expect(definition.specFields.count > 8)
            for field in definition.specFields {
                #expect(!field.summary.isEmpty && field.example?.isEmpty == false, "\(definition.kind) \(field.path)")
            }
        }
    }

    @Test func docsNameWhatSchemasMaySayAndWhatNot() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/crds.md")
            .standardized
        let text = try String(contentsOf: page, encoding: .utf8)
        let functions = Set(CELFunction.global.keys).union(CELFunction.member.keys)
        for word in Format.allCases.map(\.rawValue) + SchemaLoader.refusals.keys + functions {
            #expect(text.contains("`\(word)`"), "docs/crds.md does not name \(word)")
        }
        // Its example stands in a CRD.
        let rules = try SchemaCatalog().definitions.flatMap(\.schema.allRules)
        #expect(rules.contains { text.contains("  - rule: \($0.source)\n    message: \($0.message)\n") })
    }

    @Test func explainFindsFieldsThroughLists() throws {
        let node = try #require(try SchemaCatalog().definition(named: "nodes"))
        #expect(node.schema(at: "spec.overlays.addresses")?.typeName == "[]IPAddress")
        #expect(node.schema(at: "spec.containers[].env[].valueFrom.file")?.typeName == "Path")
        #expect(node.schema(at: "spec.nothing") == nil)
    }
}

extension JSONSchema {
    fileprivate var allRules: [Rule] {
        rules + (items?.allRules ?? []) + propertyOrder.flatMap { properties[$0]?.allRules ?? [] }
    }
}

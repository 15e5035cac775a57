import Schema
import Testing

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

    @Test func explainFindsFieldsThroughLists() throws {
        let node = try #require(try SchemaCatalog().definition(named: "nodes"))
        #expect(node.schema(at: "spec.overlays.addresses")?.typeName == "[]IPAddress")
        #expect(node.schema(at: "spec.containers[].env[].valueFrom.file")?.typeName == "Path")
        #expect(node.schema(at: "spec.nothing") == nil)
    }
}

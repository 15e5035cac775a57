import Schema
import Testing

@Suite struct CatalogTests {
    @Test func builtInDefinitionsLoad() throws {
        let catalog = try SchemaCatalog()
        #expect(catalog.definitions.map(\.kind) == ["Gateway", "Node", "Overlay"])
        #expect(catalog.definition(named: "WGNODE")?.kind == "Node")
        #expect(catalog.definitions.allSatisfy { $0.apiVersion == "wgctl.dev/v1alpha1" && $0.categories == ["wgctl"] })
    }
}

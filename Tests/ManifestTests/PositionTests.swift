import Manifest
import Testing

@Suite struct PositionTests {
    @Test func everyNodeKnowsItsPlace() throws {
        let text = "# comment\r\nspec:\r\n  list:\r\n    - {name: ä, value: x}\r\n---\r\nb: 2\r\n"
        let bytes = [0xef, 0xbb, 0xbf] + Array(text.utf8)
        let documents = try ManifestFile(path: "a.yaml", contents: .bytes(bytes)).documents()
        try #require(documents.count == 2)
        let path = FieldPath(keys: "spec", "list") + 0 + "value"
        #expect(path.description == "spec.list[0].value")
        #expect(documents[0].position(at: path) == Position(line: 4, column: 17))
        #expect(documents[0].position(at: path + "deeper") == Position(line: 4, column: 17))
        #expect(documents[1].root.position == Position(line: 6, column: 1))
        #expect(documents[1].index == 1)
    }
}

internal import ControlAPI
internal import JSON
internal import Manifest

/// `-o custom-columns=NAME:.metadata.name,READY:.status.ready`
struct CustomColumns: Hashable {
    private let columns: [(title: String, path: JSONPath)]

    /// - Throws: `JSONPathParser.ParseError`.
    init(_ text: String) throws(JSONPathParser.ParseError) {
        var columns: [(String, JSONPath)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split(separator: ":", maxSplits: 1)
            guard words.count == 2 else {
                throw .init(
                    description: "\(quoted(String(part))) is not a column: write TITLE:PATH, as NAME:.metadata.name")
            }
            columns.append((String(words[0]), try JSONPathParser.path(String(words[1]))))
        }
        self.columns = columns
    }

    func table(_ objects: [JSONValue]) -> Table {
        Table(
            columns: columns.map(\.title),
            rows: objects.map { object in
                columns.map { column in
                    let values = column.path.values(in: object)
                    return Cell(values.isEmpty ? "<none>" : values.map(\.pathText).joined(separator: ","))
                }
            })
    }

    static func == (a: CustomColumns, b: CustomColumns) -> Bool {
        a.columns.map(\.title) == b.columns.map(\.title) && a.columns.map(\.path) == b.columns.map(\.path)
    }

    func hash(into hasher: inout Hasher) {
        for column in columns {
            hasher.combine(column.title)
            hasher.combine(column.path)
        }
    }
}

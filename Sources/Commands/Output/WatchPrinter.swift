internal import ControlAPI
internal import JSON

/// Prints what a watch sends: every object at first, then each one that is new, different or gone.
struct WatchPrinter {
    private var tables: TablePrinter
    private let format: OutputFormat?
    private var columns: [ListedKind: ObjectTable] = [:]
    /// The last row of each object, which is printed once more when it is gone.
    private var rows: [ListedKind: [ObjectKey: ObjectTable.Row]] = [:]
    /// The same of documents.
    private var documents: [ListedKind: [ObjectKey: JSONValue]] = [:]
    /// Rows that came before every object had been sent: they are measured together.
    private var first: [ListedKind: [ObjectTable.Row]] = [:]

    init(_ rendering: Rendering, prefixesNames: Bool) {
        tables = TablePrinter(rendering, prefixesNames: prefixesNames, widths: [.events: [9, 7, 16, 24]])
        format = rendering.format
    }

    mutating func text(_ change: ObjectChange, of kind: ListedKind) throws -> String {
        switch change {
        case .columns(let table):
            columns[kind] = table
            first[kind] = []
            return ""
        case .complete:
            defer { first[kind] = nil }
            return print(first[kind] ?? [], kind)
        case .added(.row(let row)), .modified(.row(let row)):
            rows[kind, default: [:]][row.key] = row
            guard first[kind] == nil else {
                first[kind]?.append(row)
                return ""
            }
            return print([row], kind)
        case .added(.object(let object)), .modified(.object(let object)):
            if let key = try? ListedObject(json: object).key { documents[kind, default: [:]][key] = object }
            return try document(object)
        case .deleted(let key):
            if let gone = documents[kind]?.removeValue(forKey: key) { return try document(gone) }
            guard let table = columns[kind], let row = rows[kind]?.removeValue(forKey: key) else { return "" }
            return print([table.removed(row)], kind)
        }
    }

    /// Of an object that is gone the last version, as kubectl prints it.
    private func document(_ object: JSONValue) throws -> String {
        let text = try Rendering.text(object, format)
        return format == .yaml ? "---\n" + text : text
    }

    private mutating func print(_ rows: [ObjectTable.Row], _ kind: ListedKind) -> String {
        guard var table = columns[kind] else { return "" }
        table.rows = rows
        return tables.text(table, separates: false)
    }
}

extension ObjectTable {
    /// The row with its STATUS overwritten, to say that it is gone.
    fileprivate func removed(_ row: Row) -> Row {
        var copy = row
        if let column = columns.firstIndex(where: { $0.title == "STATUS" }) {
            copy.cells[column] = Cell("Removed", .warning)
        }
        if let column = columns.firstIndex(where: { $0.title == "READY" }) { copy.cells[column] = Cell("-") }
        return copy
    }
}

internal import ControlAPI

/// Prints the tables of one `get`, page by page: the widths are those of the first page, as kubectl does it, and grow
/// where a later value is longer.
struct TablePrinter {
    var rendering: Rendering
    /// With several kinds the first column is `node/host-a` and so on, as kubectl does it.
    let prefixesNames: Bool
    private var widths: [ListedKind: [Int]]
    private var hasHeader: Set<ListedKind> = []
    private var last: ListedKind?

    /// - Parameter widths: the least of each column, where rows come one by one and cannot be measured first.
    init(_ rendering: Rendering, prefixesNames: Bool, widths: [ListedKind: [Int]] = [:]) {
        self.rendering = rendering
        self.prefixesNames = prefixesNames
        self.widths = widths
    }

    /// - Parameter separates: whether an empty line stands between two kinds.
    mutating func text(_ page: ObjectTable, separates: Bool = true) -> String {
        guard !page.rows.isEmpty else { return "" }
        if rendering.format == .name {
            return page.rows.map { "\(page.kind.singular)/\($0.uniqueName)".printable + "\n" }.joined()
        }
        let shown = page.columns.indices.filter { rendering.format == .wide || !page.columns[$0].isWide }
        let rows = page.rows.map { row in
            shown.map { column in
                guard column < row.cells.count else { return Cell("-") }
                return prefixesNames && column == 0 && page.columns[0].title == "NAME"
                    ? Cell(page.reference(row), row.cells[0].tone) : row.cells[column]
            }
        }
        let table = Table(columns: shown.map { page.columns[$0].title }, rows: rows)
        let known = widths[page.kind] ?? []
        let isFirst = hasHeader.insert(page.kind).inserted
        let lines = table.lines(
            header: rendering.showsHeaders && isFirst, isColoured: rendering.isColoured, atLeast: known)
        widths[page.kind] = table.widths.enumerated().map { column, width in
            column < known.count ? max(known[column], width) : width
        }
        let gap = separates && isFirst && last != nil ? "\n" : ""
        last = page.kind
        return gap + lines.map { $0 + "\n" }.joined()
    }
}

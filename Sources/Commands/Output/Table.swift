internal import ControlAPI
internal import Manifest

/// Columns as kubectl aligns them: three spaces apart, the last one as long as it is.
struct Table {
    var columns: [String]
    var rows: [[Cell]]

    /// The width of each column, headers included.
    var widths: [Int] {
        columns.indices.map { column in
            rows.reduce(columns[column].count) { max($0, $1[column].text.printable.count) }
        }
    }

    /// - Parameter atLeast: widths of what was printed above, so that a watch keeps its columns.
    func lines(header: Bool = true, isColoured: Bool = false, atLeast: [Int] = []) -> [String] {
        var widths = widths
        for (column, width) in atLeast.enumerated() where column < widths.count {
            widths[column] = max(widths[column], width)
        }
        let all = (header ? [columns.map { Cell($0) }] : []) + rows
        return all.map { Self.line($0, widths: widths, isColoured: isColoured) }
    }

    private static func line(_ cells: [Cell], widths: [Int], isColoured: Bool) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            let text = cell.text.printable
            line += isColoured && cell.tone != .plain ? "\u{1b}[\(cell.tone.rawValue)m\(text)\u{1b}[0m" : text
            line += String(repeating: " ", count: widths[column] - text.count + 3)
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}

extension String {
    /// Fit for a terminal: control characters and marks that change the direction of text are escaped, so that a file
    /// name or a message cannot move the cursor or hide what follows.
    var printable: String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        return unicodeScalars.map { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            default: scalar.isUnprintable ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
            }
        }.joined()
    }
}

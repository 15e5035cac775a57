internal import Manifest

/// The text of a `wg0.conf` in sections, read as wg-quick(8) and wg(8) do: `#` begins a comment anywhere, keys are
/// case-insensitive, a section ends where the next begins.
struct ConfigurationText {
    /// A piece of a line with the place where it starts.
    struct Piece {
        var text: String
        var position: Position
    }

    struct Entry {
        /// As it is written; empty when the line has no `=`.
        var key: Piece
        /// Without a comment and surrounding white space.
        var value: Piece

        /// The values of a list: separated by commas, and by white space where wg-quick reads them itself.
        func items(separatedBySpace: Bool) -> [Piece] {
            var items: [Piece] = []
            var current: Piece?
            for (offset, scalar) in value.text.unicodeScalars.enumerated() {
                if scalar == "," || (separatedBySpace && scalar.properties.isWhitespace) {
                    current.map { items.append($0) }
                    current = nil
                } else if !scalar.properties.isWhitespace {
                    let position = Position(line: value.position.line, column: value.position.column + offset)
                    current = current ?? Piece(text: "", position: position)
                    current?.text.unicodeScalars.append(scalar)
                }
            }
            return items + (current.map { [$0] } ?? [])
        }
    }

    struct Section {
        enum Kind { case interface, peer, unknown }

        var kind: Kind
        var header: Piece
        var entries: [Entry] = []
        /// Comments right above the header, without `#`.
        var leading: [String] = []
        /// Comments on the header's line and right below it, before any key.
        var opening: [String] = []
        /// Comments further below.
        var inner: [String] = []
    }

    private(set) var sections: [Section] = []
    /// What stands before the first section.
    private(set) var strays: [Entry] = []
    /// Comments before the first section, without `#`.
    private(set) var preamble: [String] = []

    init(_ text: String) {
        // Comments that may yet turn out to lead to the next section.
        var pending: [String] = []
        var text = text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
        // Lines that end with CR alone, as on old Macs; with CRLF the CR is white space at the end.
        if !text.utf8.contains(0x0a) { text = text.replacing("\r", with: "\n") }
        for (index, bytes) in text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            let line = Line(Substring(bytes), number: index + 1)
            if line.content.text.isEmpty {
                if let comment = line.comment { pending.append(comment) } else { settle(&pending) }
            } else if line.content.text.hasPrefix("[") {
                if sections.isEmpty { preamble += pending }
                sections.append(
                    Section(
                        kind: Self.kind(of: line.content.text), header: line.content, leading: pending,
                        opening: line.comment.map { [$0] } ?? []))
                pending = []
            } else {
                settle(&pending)
                if sections.isEmpty {
                    strays.append(line.entry)
                } else {
                    sections[sections.count - 1].entries.append(line.entry)
                    if let comment = line.comment { sections[sections.count - 1].inner.append(comment) }
                }
            }
        }
        settle(&pending)
    }

    /// The pending comments lead to no section: they belong to the one that is open.
    private mutating func settle(_ pending: inout [String]) {
        defer { pending = [] }
        guard let last = sections.indices.last else { return preamble += pending }
        if sections[last].entries.isEmpty {
            sections[last].opening += pending
        } else {
            sections[last].inner += pending
        }
    }

    private static func kind(of header: String) -> Section.Kind {
        switch header.filter({ !$0.isWhitespace }).lowercased() {
        case "[interface]": .interface
        case "[peer]": .peer
        default: .unknown
        }
    }

    /// One line: what comes before `#`, and what after.
    private struct Line {
        let content: Piece
        let comment: String?

        init(_ text: Substring, number: Int) {
            let scalars = Array(text.unicodeScalars)
            let hash = scalars.firstIndex(of: "#")
            content = Line.trimmed(scalars[..<(hash ?? scalars.endIndex)], line: number)
            comment = hash.map { Line.trimmed(scalars[$0...].drop { $0 == "#" }, line: number).text }
        }

        var entry: Entry {
            let scalars = Array(content.text.unicodeScalars)
            let column = content.position.column
            guard let equals = scalars.firstIndex(of: "=") else {
                return Entry(key: Piece(text: "", position: content.position), value: content)
            }
            let line = content.position.line
            return Entry(
                key: Line.trimmed(scalars[..<equals], line: line, from: column),
                value: Line.trimmed(scalars[(equals + 1)...], line: line, from: column))
        }

        /// White space off both ends; the position is that of the first scalar that stays.
        private static func trimmed(_ scalars: ArraySlice<Unicode.Scalar>, line: Int, from column: Int = 1) -> Piece {
            let start = scalars.firstIndex { !$0.properties.isWhitespace } ?? scalars.endIndex
            var kept = scalars[start...]
            while kept.last?.properties.isWhitespace == true { kept.removeLast() }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: kept)
            return Piece(text: String(text), position: Position(line: line, column: column + start))
        }
    }
}

/// `[Section]`, `Key=value`: the format of systemd's and NetworkManager's files.
struct ConfigurationFile: Hashable {
    struct Entry: Hashable {
        var section: String
        var key: String
        var value: String
        /// The file that it is in.
        var path: String
    }

    /// In the order in which they are read.
    var entries: [Entry] = []

    init(_ files: [TextFile]) { for file in files { read(file) } }

    init(_ file: TextFile) { self.init([file]) }

    private mutating func read(_ file: TextFile) {
        var section = ""
        var pending = ""
        for line in file.text.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = pending + line.trimmed
            pending = ""
            if text.isEmpty || text.hasPrefix("#") || text.hasPrefix(";") { continue }
            if text.hasSuffix("\\") {
                pending = text.dropLast() + " "
                continue
            }
            if text.hasPrefix("["), text.hasSuffix("]") {
                section = String(text.dropFirst().dropLast())
            } else if let equals = text.firstIndex(of: "=") {
                entries.append(
                    Entry(
                        section: section, key: text[..<equals].trimmed,
                        value: text[text.index(after: equals)...].trimmed, path: file.path))
            }
        }
    }

    func all(_ section: String, _ key: String) -> [Entry] {
        entries.filter { $0.section == section && $0.key == key }
    }

    func last(_ section: String, _ key: String) -> Entry? { all(section, key).last }
}

extension StringProtocol {
    var trimmed: String {
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        let start = Substring(self).drop(while: isSpace)
        return String(start[..<(start.lastIndex { !isSpace($0) }.map { start.index(after: $0) } ?? start.startIndex)])
    }

    var words: [String] { Substring(self).split { $0.isWhitespace }.map(String.init) }
}

extension ConfigurationFile.Entry {
    /// A boolean in systemd's syntax.
    var isFalse: Bool { ["no", "false", "0", "off", "n", "f"].contains(value.lowercased()) }
    var isTrue: Bool { ["yes", "true", "1", "on", "y", "t"].contains(value.lowercased()) }
}

internal import Manifest

/// Reads an inventory in Ansible's INI form: `[group]`, `[group:vars]`, `[group:children]`, hosts with `key=value`.
struct INIInventory {
    private enum Section { case hosts, variables, children, unknown }

    private let file: String
    private var line = 0

    init(file: String) { self.file = file }

    mutating func read(_ text: String, into inventory: inout AnsibleInventory, _ report: inout Report) {
        var group = AnsibleInventory.ungrouped
        var section = Section.hosts
        for bytes in text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false) {
            line += 1
            var scalars = Array(Substring(bytes).unicodeScalars)[...]
            // A byte order mark at the head of the file.
            if line == 1, scalars.first == "\u{feff}" { scalars.removeFirst() }
            while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
            scalars = scalars.drop { $0.properties.isWhitespace }
            guard let first = scalars.first, first != "#", first != ";" else { continue }
            let start = origin(column: scalars.startIndex + 1)
            if first == "[", let header = Self.header(Self.string(scalars)) {
                (group, section) = header
                if section == .unknown {
                    report.add(
                        start, "the section is none of [GROUP], [GROUP:vars] and [GROUP:children]", "correct its name")
                } else if !inventory.addGroup(group) {
                    report.addExcess(start)
                    section = .unknown
                }
                continue
            }
            switch section {
            case .hosts: readHost(scalars, group, &inventory, &report)
            case .variables:
                guard let equals = scalars.firstIndex(of: "=") else {
                    report.add(start, "is not a variable", "write KEY=VALUE")
                    continue
                }
                let name = Self.string(scalars[..<equals]).filter { !$0.isWhitespace }
                inventory.set(
                    variable(name, Self.string(scalars[(equals + 1)...]), column: scalars.startIndex + 1),
                    named: name, of: group)
            case .children:
                let child = Self.string(scalars.prefix { $0 != "#" && !$0.properties.isWhitespace })
                if !inventory.addGroup(child) {
                    report.addExcess(start)
                } else if !inventory.addChild(child, to: group) {
                    report.add(start, "the group \(quoted(group)) would contain itself", "remove it here")
                }
            case .unknown: continue
            }
        }
    }

    private mutating func readHost(
        _ scalars: ArraySlice<Unicode.Scalar>, _ group: String, _ inventory: inout AnsibleInventory,
        _ report: inout Report
    ) {
        guard let words = Self.words(scalars), let pattern = words.first else {
            return report.add(
                origin(column: scalars.startIndex + 1), "a quotation mark is not closed", "close it on the same line")
        }
        let start = origin(column: pattern.column)
        let hosts: [String]
        do throws(HostPattern.Problem) {
            hosts = try HostPattern.hosts(pattern.text, budget: &inventory.rangeBudget)
        } catch {
            return report.add(start, error.reason, error.remedy)
        }
        var variables: AnsibleVariables = [:]
        for word in words.dropFirst() {
            guard let equals = word.text.firstIndex(of: "=") else {
                report.add(origin(column: word.column), "is not a variable of the host", "write KEY=VALUE")
                continue
            }
            let name = String(word.text[..<equals])
            variables[name] = variable(name, String(word.text[equals...].dropFirst()), column: word.column)
        }
        for host in hosts { inventory.addHost(host, to: group, at: start, variables) }
    }

    private func origin(column: Int) -> Origin {
        Origin(file: file, position: Position(line: line, column: column), path: FieldPath())
    }

    /// A value is a Python literal if it looks like one, else text.
    private func variable(_ name: String, _ raw: String, column: Int) -> AnsibleVariable {
        let origin = origin(column: column).named(name)
        let text = Self.string(Array(raw.unicodeScalars).drop { $0.properties.isWhitespace })
        var value = AnsibleValue(text: text, isPlain: true, at: origin.position)
        let withoutComment = String(text.prefix { $0 != "#" }.reversed().drop { $0.isWhitespace }.reversed())
        if let first = text.first, "\"'".contains(first), withoutComment.dropFirst().firstIndex(of: first) != nil,
            withoutComment.last == first
        {
            value = AnsibleValue(
                text: String(withoutComment.dropFirst().dropLast()), isPlain: false, at: origin.position)
        } else if !withoutComment.isEmpty, withoutComment.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            value = AnsibleValue(text: withoutComment, isPlain: true, at: origin.position)
        } else if "[{".contains(text.first ?? " "), !text.hasPrefix("{{"), !text.hasPrefix("{%") {
            // Lists and mappings of Python are flow collections of YAML.
            let contents = ManifestFile(path: file, contents: .bytes(Array(text.utf8)))
            if let document = try? contents.documents().first {
                var reader = AnsibleDocument(document)
                value = reader.value(document.root).moved(to: origin.position)
            }
        }
        return AnsibleVariable(value: value, origin: origin)
    }

    private static func header(_ text: String) -> (String, Section)? {
        guard let close = text.firstIndex(of: "]") else { return nil }
        let rest = text[text.index(after: close)...].drop { $0.isWhitespace }
        guard rest.isEmpty || rest.hasPrefix("#") else { return nil }
        let parts = text[..<close].dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2, !name.contains(where: \.isWhitespace) else {
            return ("", .unknown)
        }
        let section: Section =
            switch parts.dropFirst().first {
            case nil, "hosts": .hosts
            case "vars": .variables
            case "children": .children
            default: .unknown
            }
        return (String(name), section)
    }

    private struct Word {
        var text: String
        var column: Int
    }

    /// The words of a line as a POSIX shell splits them, up to a comment; nil when a quotation mark stays open.
    private static func words(_ scalars: ArraySlice<Unicode.Scalar>) -> [Word]? {
        var words: [Word] = []
        var word: Word?
        var quote: Unicode.Scalar?
        var isEscaped = false
        for (index, scalar) in zip(scalars.indices, scalars) {
            if isEscaped {
                // Within double quotes a backslash stays before all but these.
                if quote == "\"", scalar != "\"", scalar != "\\" { word?.text.unicodeScalars.append("\\") }
                word?.text.unicodeScalars.append(scalar)
                isEscaped = false
            } else if scalar == "\\", quote != "'" {
                word = word ?? Word(text: "", column: index + 1)
                isEscaped = true
            } else if let open = quote {
                if scalar == open { quote = nil } else { word?.text.unicodeScalars.append(scalar) }
            } else if scalar == "\"" || scalar == "'" {
                word = word ?? Word(text: "", column: index + 1)
                quote = scalar
            } else if scalar == "#" {
                break
            } else if scalar.properties.isWhitespace {
                word.map { words.append($0) }
                word = nil
            } else {
                word = word ?? Word(text: "", column: index + 1)
                word?.text.unicodeScalars.append(scalar)
            }
        }
        word.map { words.append($0) }
        return quote == nil && !isEscaped ? words : nil
    }

    private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}

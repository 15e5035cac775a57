/// Builds documents from events, and refuses on the way what could surprise an author or exhaust memory.
struct Composer: ~Copyable {
    /// Nested lists and mappings; the resources need nine.
    static let depthLimit = 32
    /// Nesting that is skipped over to find the next document; libyaml takes quadratic time in the nesting, so that beyond
    /// this the file is given up.
    static let skipLimit = 256
    /// Bytes of one value: the longest that a schema allows has 32,768 characters, of up to four bytes.
    static let scalarLimit = 128 << 10
    /// Bytes of one key, as YAML 1.2.2 has it for keys without `?` (section 7.4.2).
    static let keyLimit = 1024
    /// Keys, values, lists and mappings of one file. A node takes about 80 bytes: this is 8 bytes of text for each in
    /// the longest file, which no honest manifest comes near.
    static let nodeLimit = 128 << 10

    private var parser: EventParser
    private let file: String
    private var errors: [ManifestError] = []
    /// The way down to the node that is being built.
    private var path = FieldPath()
    private var nodeCount = 0

    init(file: String, text: ArraySlice<UInt8>) throws(ManifestError) {
        self.file = file
        parser = try EventParser(file: file, text: text)
    }

    mutating func documents() throws(ManifestError) -> [Document] {
        var documents: [Document] = []
        while true {
            let item = try parser.next()
            switch item.event {
            case .streamEnd: return documents
            case .documentStart:
                errors = []
                if item.hasDirective { refuse("a %TAG directive", at: item.position, "remove it") }
                let root = try node(try parser.next(), depth: 0)
                // A document of comments alone is what `---` at the end of a file leaves.
                if let scalar = root.scalar, scalar.isPlain, scalar.text.isEmpty, errors.isEmpty { continue }
                guard documents.count < Document.fileLimit else {
                    throw excess("more than \(Document.fileLimit) documents", at: item.position)
                }
                documents.append(Document(file: file, index: documents.count, root: root, errors: errors))
            default: continue
            }
        }
    }

    private mutating func node(_ item: EventParser.Item, depth: Int) throws(ManifestError) -> YAMLNode {
        nodeCount += 1
        guard nodeCount <= Composer.nodeLimit else {
            throw excess("more than \(Composer.nodeLimit) keys and values", at: item.position)
        }
        if item.hasTag {
            refuse("tags are not allowed", at: item.position, "remove the tag; quote the value if it is text")
        }
        switch item.event {
        case .scalar(let text, let isPlain):
            guard text.utf8.count <= Composer.scalarLimit else {
                refuse("a value longer than \(Composer.scalarLimit >> 10) KiB", at: item.position, "shorten it")
                return Composer.null(at: item.position)
            }
            return YAMLNode(.scalar(.init(text: text, isPlain: isPlain)), at: item.position)
        case .sequenceStart, .mappingStart:
            guard depth < Composer.depthLimit else {
                refuse("nested deeper than \(Composer.depthLimit) levels", at: item.position, "flatten it")
                try skip()
                return Composer.null(at: item.position)
            }
            return if case .sequenceStart = item.event {
                try sequence(item, depth: depth)
            } else {
                try mapping(item, depth: depth)
            }
        case .alias:
            refuse("aliases are not allowed", at: item.position, "write the value out in full")
            return Composer.null(at: item.position)
        default: return Composer.null(at: item.position)
        }
    }

    private mutating func sequence(_ start: EventParser.Item, depth: Int) throws(ManifestError) -> YAMLNode {
        var items: [YAMLNode] = []
        while true {
            let item = try parser.next()
            if case .sequenceEnd = item.event { return YAMLNode(.sequence(items), at: start.position) }
            path.steps.append(.index(items.count))
            items.append(try node(item, depth: depth + 1))
            path.steps.removeLast()
        }
    }

    private mutating func mapping(_ start: EventParser.Item, depth: Int) throws(ManifestError) -> YAMLNode {
        var entries: [YAMLNode.Entry] = []
        var seen: [String: Position] = [:]
        while true {
            let item = try parser.next()
            if case .mappingEnd = item.event { return YAMLNode(.mapping(entries), at: start.position) }
            let key = try node(item, depth: depth + 1)
            let name = key.scalar?.text ?? ""
            path.steps.append(.key(name))
            let value = try node(try parser.next(), depth: depth + 1)
            path.steps.removeLast()
            entries.append(.init(key: key, value: value))
            guard let scalar = key.scalar else {
                refuse("a key must be text", at: key.position, "write a plain name before the colon")
                continue
            }
            if scalar.isPlain, name == "<<" {
                refuse("merge keys are not allowed", at: key.position, "write the fields out in full")
            } else if name.utf8.count > Composer.keyLimit {
                refuse("a key longer than \(Composer.keyLimit) bytes", at: key.position, "shorten it")
            } else if let first = seen[name] {
                refuse(
                    "the key \(quoted(name)) stands twice, first at \(first)", at: key.position, below: name,
                    "remove one of them")
            } else {
                seen[name] = key.position
            }
        }
    }

    /// Leaves out the rest of a list or mapping that has just begun, without building or recursing.
    private mutating func skip() throws(ManifestError) {
        var open = 1
        while open > 0 {
            let item = try parser.next()
            switch item.event {
            case .sequenceStart, .mappingStart:
                open += 1
                guard open + Composer.depthLimit <= Composer.skipLimit else {
                    throw ManifestError(
                        file: file, position: item.position, path: FieldPath(),
                        reason: "nested deeper than \(Composer.skipLimit) levels", remedy: "flatten it")
                }
            case .sequenceEnd, .mappingEnd: open -= 1
            case .streamEnd: return
            default: continue
            }
        }
    }

    /// What makes the whole file unusable, because to go on would take memory without measure.
    private func excess(_ reason: String, at position: Position) -> ManifestError {
        ManifestError(
            file: file, position: position, path: FieldPath(), reason: reason,
            remedy: "split the file into several files")
    }

    private mutating func refuse(
        _ reason: @autoclosure () -> String, at position: Position, below key: String? = nil, _ remedy: String
    ) {
        guard errors.count < Document.errorLimit else { return }
        errors.append(
            ManifestError(
                file: file, position: position, path: key.map { path + $0 } ?? path, reason: reason(), remedy: remedy))
    }

    private static func null(at position: Position) -> YAMLNode {
        YAMLNode(.scalar(.init(text: "", isPlain: true)), at: position)
    }
}

/// Builds documents from events, and refuses on the way what could surprise an author or exhaust memory.
struct Composer: ~Copyable {
    /// Nested lists and mappings; the resources need nine.
    static let depthLimit = 32
    /// Nesting that is skipped over to find the next document; libyaml takes quadratic time in the nesting, so that beyond
    /// this the file is given up.
    static let skipLimit = 256
    /// Mistakes kept per document.
    static let errorLimit = 20

    private var parser: EventParser
    private let file: String
    private var errors: [ManifestError] = []

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
                if item.hasDirective { refuse("a %TAG directive", at: item.position, FieldPath(), "remove it") }
                let root = try node(try parser.next(), path: FieldPath(), depth: 0)
                // A document of comments alone is what `---` at the end of a file leaves.
                if let scalar = root.scalar, scalar.isPlain, scalar.text.isEmpty, errors.isEmpty { continue }
                documents.append(Document(file: file, index: documents.count, root: root, errors: errors))
            default: continue
            }
        }
    }

    private mutating func node(_ item: EventParser.Item, path: FieldPath, depth: Int) throws(ManifestError) -> YAMLNode
    {
        if item.hasTag {
            refuse("tags are not allowed", at: item.position, path, "remove the tag; quote the value if it is text")
        }
        switch item.event {
        case .scalar(let text, let isPlain):
            return YAMLNode(.scalar(.init(text: text, isPlain: isPlain)), at: item.position)
        case .sequenceStart, .mappingStart:
            guard depth < Composer.depthLimit else {
                refuse("nested deeper than \(Composer.depthLimit) levels", at: item.position, path, "flatten it")
                try skip()
                return Composer.null(at: item.position)
            }
            return if case .sequenceStart = item.event {
                try sequence(item, path: path, depth: depth)
            } else {
                try mapping(item, path: path, depth: depth)
            }
        case .alias:
            refuse("aliases are not allowed", at: item.position, path, "write the value out in full")
            return Composer.null(at: item.position)
        default: return Composer.null(at: item.position)
        }
    }

    private mutating func sequence(
        _ start: EventParser.Item, path: FieldPath, depth: Int
    ) throws(ManifestError) -> YAMLNode {
        var items: [YAMLNode] = []
        while true {
            let item = try parser.next()
            if case .sequenceEnd = item.event { return YAMLNode(.sequence(items), at: start.position) }
            items.append(try node(item, path: path + items.count, depth: depth + 1))
        }
    }

    private mutating func mapping(
        _ start: EventParser.Item, path: FieldPath, depth: Int
    ) throws(ManifestError) -> YAMLNode {
        var entries: [YAMLNode.Entry] = []
        var seen: [String: Position] = [:]
        while true {
            let item = try parser.next()
            if case .mappingEnd = item.event { return YAMLNode(.mapping(entries), at: start.position) }
            let key = try node(item, path: path, depth: depth + 1)
            let name = key.scalar?.text ?? ""
            let value = try node(try parser.next(), path: path + name, depth: depth + 1)
            entries.append(.init(key: key, value: value))
            guard let scalar = key.scalar else {
                refuse("a key must be text", at: key.position, path, "write a plain name before the colon")
                continue
            }
            if scalar.isPlain, name == "<<" {
                refuse("merge keys are not allowed", at: key.position, path, "write the fields out in full")
            } else if let first = seen[name] {
                refuse(
                    "the key \(quoted(name)) stands twice, first at \(first)", at: key.position, path + name,
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

    private mutating func refuse(_ reason: String, at position: Position, _ path: FieldPath, _ remedy: String) {
        guard errors.count < Composer.errorLimit else { return }
        errors.append(ManifestError(file: file, position: position, path: path, reason: reason, remedy: remedy))
    }

    private static func null(at position: Position) -> YAMLNode {
        YAMLNode(.scalar(.init(text: "", isPlain: true)), at: position)
    }
}

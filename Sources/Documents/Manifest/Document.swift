/// One YAML document of a file.
public struct Document: Hashable, Sendable {
    /// Mistakes that are told of one document; those beyond are told when these are mended.
    public static let errorLimit = 20
    /// Documents of one file, at most.
    public static let fileLimit = 4096

    /// Relative to the manifest directory.
    public let file: String
    /// From 0, among the documents of its file that are not empty.
    public let index: Int
    public let root: YAMLNode
    /// What makes this document unusable although the file parses: aliases, tags, merge keys, duplicate keys, depth.
    public let errors: [ManifestError]

    public init(file: String, index: Int, root: YAMLNode, errors: [ManifestError] = []) {
        self.file = file
        self.index = index
        self.root = root
        self.errors = errors
    }

    /// The place of the deepest node on a path that exists; keys are pointed at for the last step's mapping entry.
    public func position(at path: FieldPath) -> Position {
        var node = root
        var position = root.position
        for step in path.steps {
            switch step {
            case .key(let key):
                guard let entry = node.entries?.first(where: { $0.name == key }) else { return position }
                (node, position) = (entry.value, entry.key.position)
            case .index(let index):
                guard let items = node.items, items.indices.contains(index) else { return position }
                (node, position) = (items[index], items[index].position)
            }
        }
        return position
    }

    /// An error at a path of this document.
    public func error(at path: FieldPath, _ reason: String, remedy: String) -> ManifestError {
        ManifestError(file: file, position: position(at: path), path: path, reason: reason, remedy: remedy)
    }
}

/// A node of a document, with the place where it starts.
public struct YAMLNode: Hashable, Sendable {
    public struct Scalar: Hashable, Sendable {
        public let text: String
        /// Written without quotes, so that YAML may read it as a number, a truth value or null.
        public let isPlain: Bool

        public init(text: String, isPlain: Bool) {
            self.text = text
            self.isPlain = isPlain
        }
    }

    public struct Entry: Hashable, Sendable {
        public let key: YAMLNode
        public let value: YAMLNode

        public init(key: YAMLNode, value: YAMLNode) {
            self.key = key
            self.value = value
        }

        /// The key's text; keys are scalars.
        public var name: String { key.scalar?.text ?? "" }
    }

    public enum Content: Hashable, Sendable {
        case scalar(Scalar)
        case sequence([YAMLNode])
        /// In the file's order. A key that stands twice keeps both entries; the document carries the error.
        case mapping([Entry])
    }

    public let content: Content
    public let position: Position

    public init(_ content: Content, at position: Position) {
        self.content = content
        self.position = position
    }

    public var scalar: Scalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    public var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    public var items: [YAMLNode]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    /// The value of a key; nil when it is absent, stands twice, or this is no mapping.
    public subscript(key: String) -> YAMLNode? {
        let found = (entries ?? []).filter { $0.name == key }
        return found.count == 1 ? found[0].value : nil
    }

    /// "a list", "a mapping" or "a value": the word for errors.
    public var shape: String {
        switch content {
        case .scalar: "a value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

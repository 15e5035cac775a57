public import Manifest

/// What validation makes of a document.
public struct ValidationResult: Hashable, Sendable {
    /// apiVersion, kind, metadata (name, labels) and spec with defaults applied; meaningful without errors only.
    public var value: JSONValue
    /// Whether `metadata.name` is there, once, and a name.
    public var isNameValid: Bool
    /// Mistakes in the file's order, up to `Document.errorLimit`.
    public var errors: [ManifestError]
}

/// Collects the mistakes of one document while two passes go over it: `shape` makes a value of the tree,
/// `check` looks at the value.
struct Validator {
    let document: Document
    let textRules: [String: TextRule]
    private(set) var errors: [ManifestError] = []
    /// Where `shape` failed, so that `check` does not call the field missing.
    private var unshaped: Set<FieldPath> = []

    init(document: Document, textRules: [String: TextRule]) {
        self.document = document
        self.textRules = textRules
    }

    /// Texts are not made beyond the limit: a hundred thousand unknown fields must cost no suggestion each.
    mutating func report(
        _ path: FieldPath, at position: Position? = nil, _ reason: @autoclosure () -> String,
        _ remedy: @autoclosure () -> String
    ) {
        guard errors.count < Document.errorLimit else { return }
        errors.append(
            ManifestError(
                file: document.file, position: position ?? document.position(at: path), path: path, reason: reason(),
                remedy: remedy()))
    }

    /// Both passes over one field.
    mutating func validate(_ node: YAMLNode, _ schema: JSONSchema, at path: FieldPath) -> JSONValue? {
        guard let value = shape(node, schema, at: path) else { return nil }
        check(value, schema, at: path)
        return value
    }

    /// Whether a mistake was found at a path or below it.
    func hasError(within path: FieldPath) -> Bool {
        let text = path.description
        return errors.contains { $0.path == text || $0.path.hasPrefix(text + ".") || $0.path.hasPrefix(text + "[") }
    }

    func isUnshaped(_ path: FieldPath) -> Bool { unshaped.contains(path) }

    mutating func fail(_ path: FieldPath, at position: Position, _ reason: String, _ remedy: String) {
        unshaped.insert(path)
        report(path, at: position, reason, remedy)
    }
}

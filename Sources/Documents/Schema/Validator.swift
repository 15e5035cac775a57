public import JSON
public import Manifest

/// What validation makes of a document.
public struct ValidationResult: Hashable, Sendable {
    /// apiVersion, kind, metadata (name, labels) and spec with defaults applied; meaningful without errors only.
    public var value: JSONValue
    /// Whether `metadata.name` is there, once, and a name.
    public var isNameValid: Bool
    /// Mistakes in the file's order, up to `Document.errorLimit`.
    public var errors: [ManifestError]
    /// Fields of the schema below `spec` that are written without a value (`overlays:`), in the file's order. They count
    /// as absent, as in Kubernetes; but mostly somebody has commented out what stood below them.
    public var nulls: [FieldPath] = []
}

/// Collects the mistakes of one document while two passes go over it: `shape` makes a value of the tree,
/// `check` looks at the value.
struct Validator {
    private struct Check {
        let rule: JSONSchema.Rule
        let value: JSONValue
        let path: FieldPath
    }

    let document: Document
    let textRules: [String: TextRule]
    /// Messages of rules that the caller checks itself, with better texts.
    private let mirrored: Set<String>
    private(set) var errors: [ManifestError] = []
    /// Known fields that are written without a value, in the file's order.
    var nulls: [FieldPath] = []
    private var mistakes = Mistakes()
    private var mirroredChecks: [Check] = []

    init(document: Document, textRules: [String: TextRule] = [:], mirrored: Set<String> = []) {
        self.document = document
        self.textRules = textRules
        self.mirrored = mirrored
    }

    /// Texts are not made beyond the limit: a hundred thousand unknown fields must cost no suggestion each.
    mutating func report(
        _ path: FieldPath, at position: Position? = nil, isShapeless: Bool = false,
        _ reason: @autoclosure () -> String, _ remedy: @autoclosure () -> String
    ) {
        mistakes.insert(path, isShapeless: isShapeless)
        guard errors.count < Document.errorLimit else { return }
        errors.append(
            ManifestError(
                file: document.file, position: position ?? document.position(at: path), path: path, reason: reason(),
                remedy: remedy()))
    }

    /// Both passes over one field; nil when nothing of it is of use.
    mutating func validate(_ node: YAMLNode, _ schema: JSONSchema, at path: FieldPath) -> JSONValue? {
        let value = shape(node, schema, at: path)
        check(value, schema, at: path)
        return isShapeless(path) ? nil : value
    }

    /// Mirrored rules speak only where their mirror cannot: in a document that has other mistakes.
    mutating func finish() {
        guard !errors.isEmpty else { return }
        for check in mirroredChecks { run(check) }
    }

    /// Whether `shape` failed at a path, and left null in the place.
    func isShapeless(_ path: FieldPath) -> Bool {
        !errors.isEmpty && mistakes.part(at: path)?.isShapeless == true
    }

    /// Whether `shape` failed at a path or below it.
    func hasShapeless(within path: FieldPath) -> Bool {
        !errors.isEmpty && mistakes.part(at: path)?.hasShapeless == true
    }

    mutating func fail(_ path: FieldPath, at position: Position, _ reason: String, _ remedy: String) -> JSONValue {
        report(path, at: position, isShapeless: true, reason, remedy)
        return .null
    }

    mutating func check(_ rules: [JSONSchema.Rule], on value: JSONValue, at path: FieldPath) {
        for rule in rules {
            let check = Check(rule: rule, value: value, path: path)
            if mirrored.contains(rule.message) { mirroredChecks.append(check) } else { run(check) }
        }
    }

    private mutating func run(_ check: Check) {
        if !errors.isEmpty, mistakes.part(at: check.path)?.concern(check.rule.reads) == true { return }
        guard !check.rule.expression.holds(for: check.value) else { return }
        let place = FieldPath(check.path.steps + check.rule.fieldPath.map { .key($0) })
        let text = check.rule.text(for: check.value)
        report(place, text.reason, text.remedy)
    }
}

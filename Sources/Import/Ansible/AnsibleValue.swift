internal import Manifest

/// A value of an inventory, with what cannot be read in its place.
struct AnsibleValue: Sendable {
    indirect enum Content: Sendable {
        case null
        case text(String)
        case list([AnsibleValue])
        case mapping([Entry])
        /// A vault, a template, an alias: there, but not to be read here.
        case opaque(reason: String, remedy: String)
    }

    struct Entry: Sendable {
        var name: String
        var position: Position
        var value: AnsibleValue
    }

    var content: Content
    var position: Position

    /// A scalar as Ansible hands it to a role: vaults and templates stay closed.
    init(text: String, isPlain: Bool, at position: Position) {
        self.position = position
        if text.hasPrefix("$ANSIBLE_VAULT;") {
            content = .opaque(
                reason: "is encrypted by Ansible Vault",
                remedy: "write what follows from it into the manifests yourself")
        } else if text.contains("{{") || text.contains("{%") {
            content = .opaque(reason: "is a template", remedy: "write its value into the manifests yourself")
        } else if isPlain, ["", "~", "null", "Null", "NULL", "None"].contains(text) {
            content = .null
        } else {
            content = .text(text)
        }
    }

    fileprivate init(_ content: Content, at position: Position) {
        self.content = content
        self.position = position
    }

    /// The same value, all of it at one place.
    func moved(to position: Position) -> AnsibleValue {
        switch content {
        case .list(let items): AnsibleValue(.list(items.map { $0.moved(to: position) }), at: position)
        case .mapping(let entries):
            AnsibleValue(
                .mapping(
                    entries.map { Entry(name: $0.name, position: position, value: $0.value.moved(to: position)) }),
                at: position)
        default: AnsibleValue(content, at: position)
        }
    }
}

/// Turns YAML into values, and keeps what the document is refused for apart: a tag or alias is its value's own affair,
/// anything else is one of the document.
struct AnsibleDocument {
    private var errors: [Position: ManifestError]

    init(_ document: Document) {
        errors = Dictionary(document.errors.map { ($0.position, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Mistakes at none of the values that were read.
    var remainingErrors: [ManifestError] { errors.values.sorted() }

    mutating func value(_ node: YAMLNode) -> AnsibleValue {
        let error = errors.removeValue(forKey: node.position)
        switch node.content {
        case .scalar(let scalar):
            let value = AnsibleValue(text: scalar.text, isPlain: scalar.isPlain, at: node.position)
            guard let error, value.isReadable else { return value }
            return AnsibleValue(.opaque(reason: error.reason, remedy: error.remedy), at: node.position)
        case .sequence(let items):
            return AnsibleValue(.list(items.map { value($0) }), at: node.position)
        case .mapping(let entries):
            return AnsibleValue(
                .mapping(
                    entries.map { entry in
                        errors.removeValue(forKey: entry.key.position)
                        return .init(name: entry.name, position: entry.key.position, value: value(entry.value))
                    }),
                at: node.position)
        }
    }
}

extension AnsibleValue {
    fileprivate var isReadable: Bool {
        if case .opaque = content { false } else { true }
    }

    /// The first text that is not empty, for settings that matter only if they are set; an ellipsis for what is closed.
    var anyText: String {
        switch content {
        case .null: ""
        case .text(let text): text
        case .list(let items): items.lazy.map(\.anyText).first { !$0.isEmpty } ?? ""
        case .mapping, .opaque: "…"
        }
    }
}

/// A variable of a host or group, with its place.
struct AnsibleVariable: Sendable {
    var value: AnsibleValue
    /// The path is the variable's name.
    var origin: Origin
}

/// Variables by name.
typealias AnsibleVariables = [String: AnsibleVariable]

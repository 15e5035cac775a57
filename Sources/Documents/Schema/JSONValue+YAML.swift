internal import JSON
internal import Manifest

extension JSONValue {
    /// A value of a CRD, or of a field without a type, by YAML 1.2's core schema.
    init(resolving node: YAMLNode) {
        switch node.content {
        case .sequence(let items): self = .array(items.map { JSONValue(resolving: $0) })
        case .mapping(let entries):
            self = .object(
                Dictionary(
                    entries.map { ($0.name, JSONValue(resolving: $0.value)) }, uniquingKeysWith: { first, _ in first }))
        case .scalar(let scalar):
            let text = scalar.text
            guard scalar.isPlain else {
                self = .string(text)
                return
            }
            switch PlainScalar(text) {
            case .null: self = .null
            case .integer, .float: self = JSONValue(number: text) ?? .string(text)
            case .bool: self = text == "true" ? .bool(true) : text == "false" ? .bool(false) : .string(text)
            case .string: self = .string(text)
            }
        }
    }
}

internal import JSON
internal import Manifest
internal import Schema

/// A resource as the planner uses it, with what is worked out of it once however often the set is judged.
final class TypedResource: Sendable {
    let content: ResourceContent
    /// Canonical JSON of the whole document with defaults.
    let json: String
    let claims: Claims

    private init(_ content: ResourceContent, json: String) {
        self.content = content
        self.json = json
        claims = Claims(content)
    }

    /// - Throws: `DecodingError` where schema and struct disagree.
    convenience init(kind: Kind, json: String) throws {
        switch kind {
        case .node: self.init(.node(try JSONValue.decode(Node.self, from: json)), json: json)
        case .overlay: self.init(.overlay(try JSONValue.decode(Overlay.self, from: json)), json: json)
        case .gateway: throw UnusableKind()
        }
    }

    struct UnusableKind: Error {}

    /// Whether a document's JSON says the same but for metadata.
    func hasSameSpec(as other: String) -> Bool {
        if json == other { return true }
        let specs = [json, other].map { try? JSONValue(jsonText: $0)["spec"] }
        return specs[0] == specs[1]
    }
}

/// A typed resource that the planner can use.
enum ResourceContent: Hashable, Sendable {
    case node(Node)
    case overlay(Overlay)

    var node: Node? {
        if case .node(let node) = self { node } else { nil }
    }

    var overlay: Overlay? {
        if case .overlay(let overlay) = self { overlay } else { nil }
    }
}

internal import JSON
internal import Manifest
internal import Schema

/// A field that is written without a value (`overlays:`): it counts as absent, as in Kubernetes. Mostly it is a list
/// whose items are all commented out, and nobody meant to delete what they said.
struct NullField: Sendable {
    let error: ManifestError
    /// With the name in place of the index of an item that has one: lists change their order.
    private let path: [Step]
    /// What the document has there by default.
    private let value: JSONValue?

    private enum Step {
        case key(String)
        case index(Int)
        case named(String)
    }

    /// - Parameter value: the whole document with defaults.
    init(path: FieldPath, in document: Document, value: JSONValue) {
        var steps: [Step] = []
        var current: JSONValue? = value
        for step in path.steps {
            switch step {
            case .key(let key):
                steps.append(.key(key))
                current = current?[key]
            case .index(let index):
                let items = current?.items ?? []
                current = items.indices.contains(index) ? items[index] : nil
                steps.append(current?["name"]?.text.map { .named($0) } ?? .index(index))
            }
        }
        self.path = steps
        self.value = current
        let remedy =
            switch current {
            case .array?: "write [] to empty it"
            case .object?: "write {} to empty it"
            default: "write a value, or remove the line"
            }
        error = document.error(at: path, "has no value", remedy: remedy)
    }

    /// Whether a version of the document had another value there.
    func loses(from json: String) -> Bool {
        guard let before = try? JSONValue(jsonText: json) else { return false }
        var found: JSONValue? = before
        for step in path {
            switch step {
            case .key(let key): found = found?[key]
            case .index(let index):
                let items = found?.items ?? []
                found = items.indices.contains(index) ? items[index] : nil
            case .named(let name): found = found?.items?.first { $0["name"]?.text == name }
            }
        }
        return found != nil && found != value
    }
}

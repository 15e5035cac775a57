internal import ControlAPI
internal import Foundation
internal import Manifest

/// What a `get` or `describe` asks for.
struct Query {
    var objects: ObjectArguments
    var labels: LabelSelector?
    var fields: [ListedKind: FieldSelector] = [:]
    var showsLabels = false

    init(words: [String], labels: String?, fields: String? = nil, showsLabels: Bool = false) throws {
        do {
            objects = try ObjectArguments(words)
            self.labels = try labels.map { (text) throws(LabelSelector.ParseError) in try LabelSelector(text) }
            if let fields {
                for kind in objects.kinds { self.fields[kind] = try FieldSelector(fields, kind: kind) }
            }
        } catch {
            throw CommandFailure("\(error)")
        }
        self.showsLabels = showsLabels
    }

    var wantsEvents: Bool { objects.kinds.contains(.events) }

    /// Whether exactly one object was named.
    var isSingle: Bool { objects.kinds.count == 1 && objects.names.values.map(\.count).reduce(0, +) == 1 }

    /// One query for each kind, in the order in which they were named.
    var parts: [ObjectQuery] {
        objects.kinds.map { kind in
            var query = ObjectQuery(
                kind, names: objects.names[kind].map(Set.init), labels: labels, fields: fields[kind])
            query.showsLabels = showsLabels
            return query
        }
    }

    /// A line for each name that nothing has; nil when all were found.
    ///
    /// - Parameter found: names and unique names, by kind.
    func missing(_ found: [ListedKind: Set<String>]) -> String? {
        var lines: [String] = []
        for kind in objects.kinds where kind != .events {
            for name in objects.names[kind] ?? [] where found[kind]?.contains(name) != true {
                lines.append("\(kind.singular) \"\(name.printable)\" not found")
            }
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}

internal import ControlAPI
internal import Foundation
internal import Resources

/// What a `get` asks for.
struct Query {
    var objects: ObjectArguments
    var selector: LabelSelector?

    init(words: [String], labels: String?) throws {
        do {
            objects = try ObjectArguments(words)
            selector = try labels.map { (text) throws(LabelSelector.ParseError) in try LabelSelector(text) }
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    var wantsEvents: Bool { objects.kinds.contains(.events) }

    /// Whether exactly one object was named.
    var isSingle: Bool { objects.kinds.count == 1 && objects.names.values.map(\.count).reduce(0, +) == 1 }

    func listings(_ report: StatusReport, events: [Event], now: Date) throws -> [Listing] {
        try objects.kinds.map { kind in
            try Listing.make(kind, from: report, events: events, now: now)
                .filtered(names: objects.names[kind], selector: selector)
        }
    }

    /// A line for each name that nothing has; nil when all were found.
    func missing(in listings: [Listing]) -> String? {
        var lines: [String] = []
        for listing in listings where listing.kind != .events {
            let found = Set(listing.objects.map(\.name))
            for name in objects.names[listing.kind] ?? [] where !found.contains(name) {
                lines.append("\(listing.kind.rawValue) \"\(name.printable)\" not found")
            }
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}

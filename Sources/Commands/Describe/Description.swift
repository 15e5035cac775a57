internal import ControlAPI
internal import Convergence
internal import Foundation
internal import Resources

/// What `describe` prints: fields, the spec, what belongs to it, conditions and events at the bottom.
enum Description {
    static func text(
        of object: Listing.Object, in listing: Listing, report: StatusReport, events: [Event], now: Date
    ) -> String {
        var lines: [String] = []
        let reference = listing.reference(object)
        var conditions: [Condition] = []
        switch listing.kind {
        case .nodes, .overlays, .gateways:
            let resources = report.nodes + report.overlays + report.gateways
            if let resource = resources.first(where: { $0.reference == reference }) {
                lines += header(of: resource, now: now)
                lines += belongings(of: resource, report: report, now: now)
                conditions = resource.status.conditions
            }
        case .containers:
            if let container = report.containers.first(where: { "\($0.node)/\($0.name)" == object.id }) {
                lines += fields(of: container, now: now)
                conditions = container.conditions
            }
        case .peers, .routes, .events:
            lines += fields(of: object, in: listing)
        }
        if [.nodes, .overlays, .gateways, .containers].contains(listing.kind) {
            lines += section("Conditions", conditionTable(conditions, now: now))
        }
        // What happens to a peer is told of its node.
        let subjects = listing.kind == .peers ? [reference, "\(ResourceReference.node(object.name))"] : [reference]
        let own = events.filter { subjects.contains("\($0.regarding)") }
        lines += section("Events", own.isEmpty ? nil : eventTable(own, now: now))
        return lines.joined(separator: "\n") + "\n"
    }

    /// `Name:   value`, the values below each other.
    static func aligned(_ fields: [(name: String, value: String)]) -> [String] {
        let width = fields.reduce(0) { max($0, $1.name.count) } + 2
        return fields.map { field in
            let padding = String(repeating: " ", count: width - field.name.count)
            return "\(field.name):\(padding)\(field.value.printable)"
        }
    }

    /// A heading and an indented table; `<none>` without one.
    static func section(_ title: String, _ table: Table?) -> [String] {
        guard let table, !table.rows.isEmpty else { return ["\(title):  <none>"] }
        return ["\(title):"] + table.lines().map { "  \($0)" }
    }

    static func labelsText(_ labels: [String: String]) -> String {
        labels.isEmpty
            ? "<none>" : labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    private static func conditionTable(_ conditions: [Condition], now: Date) -> Table? {
        guard !conditions.isEmpty else { return nil }
        let order = Condition.ConditionType.allCases
        let sorted = conditions.sorted {
            (order.firstIndex(of: $0.type) ?? 0) < (order.firstIndex(of: $1.type) ?? 0)
        }
        // A message of several lines (one mistake each) goes on below itself.
        let rows = sorted.flatMap { condition in
            let messages = condition.message.split(separator: "\n").map(String.init)
            let first = [
                Cell(condition.type.rawValue), Cell(condition.status.rawValue), Cell(condition.reason),
                Cell(Age.text(since: condition.lastTransitionTime, now: now)), Cell(messages.first ?? ""),
            ]
            return [first] + messages.dropFirst().map { [Cell(""), Cell(""), Cell(""), Cell(""), Cell($0)] }
        }
        return Table(columns: ["TYPE", "STATUS", "REASON", "AGE", "MESSAGE"], rows: rows)
    }

    private static func eventTable(_ events: [Event], now: Date) -> Table {
        Table(
            columns: ["TYPE", "REASON", "AGE", "MESSAGE"],
            rows: events.map { event in
                [
                    Cell(event.type.rawValue), Cell(event.reason), Cell(Listing.seenText(event, now: now)),
                    Cell(event.message),
                ]
            })
    }
}

extension ResourceReport {
    /// `node/host-a`
    var reference: String { "\(ResourceReference(kind.referenceKind, metadata.name))" }
}

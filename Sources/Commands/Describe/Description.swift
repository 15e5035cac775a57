internal import ControlAPI
internal import Foundation
internal import Resources

/// What `describe` prints: fields, the spec, what belongs to it, conditions and events at the bottom.
struct Description {
    let object: ListedObject
    /// Containers and peers of a node or an overlay.
    var belongings: [ListedObject] = []

    func text(events: [Event], now: Date) -> String {
        var lines: [String] = []
        switch object {
        case .resource(let resource):
            lines += Self.header(of: resource, now: now)
            for kind in [ListedKind.containers, .peers] {
                let page = ObjectPage(objects: belongings.filter { $0.kind == kind })
                guard !page.objects.isEmpty else { continue }
                lines += Self.section(kind.title + "s", Table(ObjectTable(kind, page, now: now)))
            }
            lines += Self.section("Conditions", Self.conditionTable(resource.status.conditions, now: now))
        case .container(let container):
            lines += Self.fields(of: container, now: now)
            lines += Self.section("Conditions", Self.conditionTable(container.conditions, now: now))
        case .peer, .route, .event:
            lines += Self.fields(of: object, now: now)
        }
        lines += Self.section("Events", events.isEmpty ? nil : Self.eventTable(events, now: now))
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
                    Cell(event.type.rawValue), Cell(event.reason), Cell(event.seenText(now: now)),
                    Cell(event.message),
                ]
            })
    }
}

extension Table {
    /// Without the columns of `-o wide`.
    init(_ table: ObjectTable) {
        let shown = table.columns.indices.filter { !table.columns[$0].isWide }
        self.init(
            columns: shown.map { table.columns[$0].title }, rows: table.rows.map { row in shown.map { row.cells[$0] } })
    }
}

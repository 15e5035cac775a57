internal import ControlAPI
internal import Foundation
internal import JSON
internal import Resources

/// The objects of one kind, each as a row and as JSON.
struct Listing {
    struct Column {
        var title: String
        /// Shown with `-o wide` only.
        var isWide = false
    }

    struct Object {
        /// Unique within its kind, also where two objects share a name.
        var id: String
        var name: String
        var labels: [String: String]
        /// A cell for each column.
        var cells: [Cell]
        var json: JSONValue
    }

    var kind: ListedKind
    var columns: [Column]
    var objects: [Object]

    /// `node/host-a`
    func reference(_ object: Object) -> String { "\(kind.singular)/\(object.name)" }

    func filtered(names: [String]?, selector: LabelSelector?) -> Listing {
        var copy = self
        copy.objects = objects.filter { object in
            (names?.contains(object.name) ?? true) && (selector?.matches(object.labels) ?? true)
        }
        return copy
    }

    /// - Parameter prefixesNames: with several kinds the first column is `node/host-a` and so on, as kubectl does it.
    func table(isWide: Bool, prefixesNames: Bool) -> Table {
        let shown = columns.indices.filter { isWide || !columns[$0].isWide }
        let rows = objects.map { object in
            shown.map { column in
                prefixesNames && column == 0 && columns[0].title == "NAME"
                    ? Cell(reference(object), object.cells[0].tone) : object.cells[column]
            }
        }
        return Table(columns: shown.map { columns[$0].title }, rows: rows)
    }

    static func make(_ kind: ListedKind, from report: StatusReport, events: [Event], now: Date) throws -> Listing {
        switch kind {
        case .nodes: try nodes(report, now: now)
        case .overlays: try overlays(report, now: now)
        case .gateways: try gateways(report, now: now)
        case .containers: try containers(report, now: now)
        case .peers: try peers(report, now: now)
        case .routes: try routes(report)
        case .events: try self.events(events, now: now)
        }
    }
}

extension JSONValue {
    /// An object of ours that is no resource of the API group, with the kind that a reader of a mixed list needs.
    init(encoding value: some Encodable, kind: String) throws {
        self = try JSONValue(encoding: value)
        guard case .object(var members) = self else { return }
        members["apiVersion"] = .string(Resources.Kind.apiVersion)
        members["kind"] = .string(kind)
        self = .object(members)
    }
}

extension [Condition] {
    subscript(type: Condition.ConditionType) -> Condition? { first { $0.type == type } }

    /// The READY column.
    var readyCell: Cell { Cell(readyStatus: self[.ready]?.status) }

    /// The STATUS column: the reason of the first condition that is not True; `-` when nothing is known.
    var statusCell: Cell {
        for type in Condition.ConditionType.allCases {
            guard let condition = self[type], condition.status != .true else { continue }
            return Cell(condition.reason, condition.status == .false ? .bad : .warning)
        }
        guard let last = self[.ready] ?? self[.programmed] ?? self[.accepted] else { return Cell("-") }
        return Cell(last.reason, .good)
    }
}

extension Cell {
    init(readyStatus status: Condition.Status?) {
        switch status {
        case .true: self.init("True", .good)
        case .false: self.init("False", .bad)
        case .unknown: self.init("Unknown", .warning)
        case nil: self.init("-")
        }
    }
}

public import Foundation
internal import Resources

/// Rows of one kind, with their columns: wgd makes them, as a Kubernetes API server does, so that a wgctl of another
/// release shows what wgd has, and the JSON of thousands of specs need not travel for a table.
public struct ObjectTable: Hashable, Sendable, Codable {
    public struct Column: Hashable, Sendable, Codable {
        public var title: String
        /// Shown with `-o wide` only.
        public var isWide: Bool

        public init(_ title: String, isWide: Bool = false) {
            self.title = title
            self.isWide = isWide
        }
    }

    public struct Row: Hashable, Sendable, Codable {
        public var key: ObjectKey
        public var name: String
        public var uniqueName: String
        /// A cell for each column.
        public var cells: [Cell]
    }

    public var kind: ListedKind
    public var columns: [Column]
    public var rows: [Row]
    /// Where the next page begins; nil on the last.
    public var next: ObjectKey?

    public init(_ kind: ListedKind, showsLabels: Bool = false) {
        self.kind = kind
        columns = Self.columns(kind) + (showsLabels ? [Column("LABELS")] : [])
        rows = []
    }

    /// - Parameter showsLabels: whether a last column has the labels.
    public init(_ kind: ListedKind, _ page: ObjectPage, showsLabels: Bool = false, now: Date) {
        self.init(kind, showsLabels: showsLabels)
        rows = page.objects.map { $0.row(showsLabels: showsLabels, now: now) }
        next = page.next
    }

    /// `node/host-a`
    public func reference(_ row: Row) -> String { "\(kind.singular)/\(row.name)" }

    static func columns(_ kind: ListedKind) -> [Column] {
        switch kind {
        case .nodes: nodeColumns
        case .overlays: overlayColumns
        case .gateways: gatewayColumns
        case .containers: containerColumns
        case .peers: peerColumns
        case .routes: routeColumns
        case .events: eventColumns
        }
    }
}

extension ListedObject {
    public func row(showsLabels: Bool = false, now: Date) -> ObjectTable.Row {
        var cells =
            switch self {
            case .resource(let resource): resource.cells(now: now)
            case .container(let container): container.cells(now: now)
            case .peer(let peer, _): peer.cells(now: now)
            case .route(let route, _): route.cells
            case .event(let event): event.cells(now: now)
            }
        if showsLabels { cells.append(Cell(labelsText(labels))) }
        return ObjectTable.Row(key: key, name: name, uniqueName: uniqueName, cells: cells)
    }
}

/// `a=1,b=2`, sorted; `<none>` without any.
public func labelsText(_ labels: [String: String]) -> String {
    labels.isEmpty
        ? "<none>" : labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
}

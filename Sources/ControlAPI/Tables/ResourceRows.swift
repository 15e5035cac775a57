internal import Foundation
internal import JSON
internal import Resources

extension ObjectTable {
    static let nodeColumns: [Column] = [
        .init("NAME"), .init("READY"), .init("STATUS"), .init("ENDPOINT"), .init("ADDRESSES"), .init("AGE"),
        .init("OVERLAYS", isWide: true), .init("CONTAINERS", isWide: true), .init("PUBLIC-KEY", isWide: true),
        .init("SOURCE", isWide: true),
    ]
    static let overlayColumns: [Column] = [
        .init("NAME"), .init("READY"), .init("STATUS"), .init("SUBNETS"), .init("INTERFACE"), .init("PORT"),
        .init("AGE"), .init("NETWORK", isWide: true), .init("TOPOLOGY", isWide: true),
        .init("BACKEND", isWide: true), .init("SOURCE", isWide: true),
    ]
    static let gatewayColumns: [Column] = [
        .init("NAME"), .init("READY"), .init("STATUS"), .init("OVERLAY"), .init("MEMBERS"), .init("AGE"),
        .init("SOURCE", isWide: true),
    ]
}

extension ResourceReport {
    func cells(now: Date) -> [Cell] {
        let head = [Cell(metadata.name), status.conditions.readyCell]
        return switch kind {
        case .node: head + nodeCells(now)
        case .overlay: head + overlayCells(now)
        case .gateway: head + gatewayCells(now)
        }
    }

    private func nodeCells(_ now: Date) -> [Cell] {
        let memberships = spec?["overlays"]?.items ?? []
        let key = status.publicKey.map { "\($0)" } ?? spec?["publicKey"]?.text
        return [
            nodeStatus, Cell(spec?["endpoint"]?.text ?? "-"),
            Cell(list: memberships.flatMap { $0["addresses"]?.items?.compactMap(\.text) ?? [] }),
            Cell(Age.text(since: metadata.creationTimestamp, now: now)),
            Cell(list: memberships.compactMap { $0["name"]?.text }),
            Cell("\(spec?["containers"]?.items?.count ?? 0)"), Cell(key ?? "-"), Cell(source),
        ]
    }

    private func overlayCells(_ now: Date) -> [Cell] {
        let wireguard = spec?["wireguard"]
        return [
            status.conditions.statusCell, Cell(list: spec?["subnets"]?.items?.compactMap(\.text) ?? []),
            Cell(wireguard?["interface"]?.text ?? "-"), Cell(wireguard?["listenPort"]?.plain ?? "-"),
            Cell(Age.text(since: metadata.creationTimestamp, now: now)),
            Cell(spec?["network"]?["name"]?.text ?? metadata.name), Cell(spec?["topology"]?["type"]?.text ?? "-"),
            Cell(status.backend ?? "-"), Cell(source),
        ]
    }

    private func gatewayCells(_ now: Date) -> [Cell] {
        [
            status.conditions.statusCell, Cell(spec?["overlay"]?.text ?? "-"),
            Cell(list: spec?["members"]?.items?.compactMap { $0["node"]?.text } ?? []),
            Cell(Age.text(since: metadata.creationTimestamp, now: now)), Cell(source),
        ]
    }

    /// As kubectl's `Ready,SchedulingDisabled`.
    private var nodeStatus: Cell {
        var cell = status.conditions.statusCell
        if status.isLocal == true { cell.text += ",Local" }
        if spec?["unschedulable"] == .bool(true) { cell.text += ",SchedulingDisabled" }
        return cell
    }

    /// Where it is written, `FILE:LINE:COLUMN`.
    public var source: String { metadata.annotations?[Self.sourceAnnotation] ?? "-" }
}

extension JSONValue {
    /// A scalar as text; nil for others.
    fileprivate var plain: String? {
        switch self {
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): value
        case .null, .array, .object: nil
        }
    }
}

internal import ControlAPI
internal import Foundation
internal import JSON
internal import NetAddress
internal import Resources

extension Listing {
    static func nodes(_ report: StatusReport, now: Date) throws -> Listing {
        let columns: [Column] = [
            .init(title: "NAME"), .init(title: "READY"), .init(title: "STATUS"), .init(title: "ENDPOINT"),
            .init(title: "ADDRESSES"), .init(title: "AGE"), .init(title: "OVERLAYS", isWide: true),
            .init(title: "CONTAINERS", isWide: true), .init(title: "PUBLIC-KEY", isWide: true),
            .init(title: "SOURCE", isWide: true),
        ]
        let containers = Dictionary(report.containers.map { ($0.node, 1) }, uniquingKeysWith: +)
        return try resources(report.nodes, as: .nodes, columns: columns) { node in
            let memberships = node.spec?["overlays"]?.items ?? []
            let key = node.status.publicKey.map { "\($0)" } ?? node.spec?["publicKey"]?.text
            return [
                node.status.conditions.readyCell, nodeStatus(node), Cell(node.spec?["endpoint"]?.text ?? "-"),
                Cell(list: memberships.flatMap { $0["addresses"]?.items?.compactMap(\.text) ?? [] }),
                Cell(Age.text(since: node.metadata.creationTimestamp, now: now)),
                Cell(list: memberships.compactMap { $0["name"]?.text }), Cell("\(containers[node.metadata.name] ?? 0)"),
                Cell(key ?? "-"),
                Cell(node.source),
            ]
        }
    }

    static func overlays(_ report: StatusReport, now: Date) throws -> Listing {
        let columns: [Column] = [
            .init(title: "NAME"), .init(title: "READY"), .init(title: "STATUS"), .init(title: "SUBNETS"),
            .init(title: "INTERFACE"), .init(title: "PORT"), .init(title: "AGE"),
            .init(title: "NETWORK", isWide: true), .init(title: "TOPOLOGY", isWide: true),
            .init(title: "BACKEND", isWide: true), .init(title: "SOURCE", isWide: true),
        ]
        return try resources(report.overlays, as: .overlays, columns: columns) { overlay in
            let wireguard = overlay.spec?["wireguard"]
            return [
                overlay.status.conditions.readyCell, overlay.status.conditions.statusCell,
                Cell(list: overlay.spec?["subnets"]?.items?.compactMap(\.text) ?? []),
                Cell(wireguard?["interface"]?.text ?? "-"), Cell(wireguard?["listenPort"]?.plain ?? "-"),
                Cell(Age.text(since: overlay.metadata.creationTimestamp, now: now)),
                Cell(overlay.spec?["network"]?["name"]?.text ?? overlay.metadata.name),
                Cell(overlay.spec?["topology"]?["type"]?.text ?? "-"), Cell(overlay.status.backend ?? "-"),
                Cell(overlay.source),
            ]
        }
    }

    static func gateways(_ report: StatusReport, now: Date) throws -> Listing {
        let columns: [Column] = [
            .init(title: "NAME"), .init(title: "READY"), .init(title: "STATUS"), .init(title: "OVERLAY"),
            .init(title: "MEMBERS"), .init(title: "AGE"), .init(title: "SOURCE", isWide: true),
        ]
        return try resources(report.gateways, as: .gateways, columns: columns) { gateway in
            [
                gateway.status.conditions.readyCell, gateway.status.conditions.statusCell,
                Cell(gateway.spec?["overlay"]?.text ?? "-"),
                Cell(list: gateway.spec?["members"]?.items?.compactMap { $0["node"]?.text } ?? []),
                Cell(Age.text(since: gateway.metadata.creationTimestamp, now: now)), Cell(gateway.source),
            ]
        }
    }

    private static func resources(
        _ resources: [ResourceReport], as kind: ListedKind, columns: [Column], cells: (ResourceReport) -> [Cell]
    ) throws -> Listing {
        let objects = try resources.sorted { $0.key < $1.key }.map { resource in
            Object(
                id: resource.metadata.name, name: resource.metadata.name, labels: resource.metadata.labels ?? [:],
                cells: [Cell(resource.metadata.name)] + cells(resource), json: try JSONValue(encoding: resource))
        }
        return Listing(kind: kind, columns: columns, objects: objects)
    }

    /// As kubectl's `Ready,SchedulingDisabled`.
    private static func nodeStatus(_ node: ResourceReport) -> Cell {
        var cell = node.status.conditions.statusCell
        if node.status.isLocal == true { cell.text += ",Local" }
        if node.spec?["unschedulable"] == .bool(true) { cell.text += ",SchedulingDisabled" }
        return cell
    }
}

extension ResourceReport {
    /// Where it is written, `FILE:LINE:COLUMN`.
    var source: String { metadata.annotations?[Self.sourceAnnotation] ?? "-" }
}

extension JSONValue {
    /// A scalar as text; nil for others.
    var plain: String? {
        switch self {
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): value
        case .null, .array, .object: nil
        }
    }
}

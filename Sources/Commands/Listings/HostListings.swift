internal import ControlAPI
internal import Foundation
internal import JSON
internal import NetAddress
internal import Resources

extension Listing {
    static func containers(_ report: StatusReport, now: Date) throws -> Listing {
        let columns: [Column] = [
            .init(title: "NAME"), .init(title: "NODE"), .init(title: "READY"), .init(title: "STATUS"),
            .init(title: "RESTARTS"), .init(title: "ADDRESSES"), .init(title: "AGE"),
            .init(title: "IMAGE", isWide: true), .init(title: "OVERLAYS", isWide: true),
        ]
        let objects = try report.sorted().containers.map { container in
            Object(
                id: "\(container.node)/\(container.name)", name: container.name, labels: container.labels,
                cells: [
                    Cell(container.name), Cell(container.node), container.conditions.readyCell, status(container),
                    Cell(container.restarts.map { "\($0)" } ?? "-"),
                    Cell(list: container.addresses.sorted().map { "\($0)" }),
                    Cell(Age.text(since: container.startedAt, now: now)), Cell(container.image),
                    Cell(list: container.overlays),
                ],
                json: try JSONValue(encoding: container, kind: "Container"))
        }
        return Listing(kind: .containers, columns: columns, objects: objects)
    }

    /// Podman's state while all is well, the reason when it is not, `-` for another host's container.
    private static func status(_ container: ContainerReport) -> Cell {
        let fromConditions = container.conditions.statusCell
        guard let state = container.state, [.good, .plain].contains(fromConditions.tone) else { return fromConditions }
        let isRunning = state == "running"
        return Cell(state.prefix(1).uppercased() + state.dropFirst(), isRunning ? .good : .warning)
    }

    static func peers(_ report: StatusReport, now: Date) throws -> Listing {
        let columns: [Column] = [
            .init(title: "NAME"), .init(title: "OVERLAY"), .init(title: "READY"), .init(title: "STATUS"),
            .init(title: "ENDPOINT"), .init(title: "HANDSHAKE"), .init(title: "RX"), .init(title: "TX"),
            .init(title: "INTERFACE", isWide: true), .init(title: "RTT", isWide: true),
            .init(title: "KEEPALIVE", isWide: true), .init(title: "ALLOWED-IPS", isWide: true),
            .init(title: "PUBLIC-KEY", isWide: true),
        ]
        let labels = nodeLabels(report)
        let objects = try report.sorted().peers.map { peer in
            let tone: Tone = peer.ready == .true ? .good : peer.ready == .false ? .bad : .warning
            return Object(
                id: "\(peer.overlay)/\(peer.node)/\(peer.publicKey)", name: peer.node, labels: labels[peer.node] ?? [:],
                cells: [
                    Cell(peer.node), Cell(peer.overlay), Cell(readyStatus: peer.ready), Cell(peer.reason, tone),
                    Cell(peer.endpoint ?? "-"), Cell(Age.text(since: peer.latestHandshake, now: now)),
                    Cell(bytesText(peer.receivedBytes)), Cell(bytesText(peer.transmittedBytes)), Cell(peer.interface),
                    Cell(roundTripText(peer.lastRoundTrip)),
                    Cell(peer.persistentKeepalive == 0 ? "off" : "\(peer.persistentKeepalive)s"),
                    Cell(list: peer.allowedIPs.sorted().map { "\($0)" }), Cell("\(peer.publicKey)"),
                ],
                json: try JSONValue(encoding: peer, kind: "Peer"))
        }
        return Listing(kind: .peers, columns: columns, objects: objects)
    }

    static func routes(_ report: StatusReport) throws -> Listing {
        let columns: [Column] = [
            .init(title: "NAME"), .init(title: "NODE"), .init(title: "INTERFACE"), .init(title: "SOURCE"),
            .init(title: "STATUS"), .init(title: "OVERLAY", isWide: true), .init(title: "PROTOCOL", isWide: true),
        ]
        let labels = nodeLabels(report)
        let objects = try report.sorted().routes.map { route in
            Object(
                id: "\(route.destination) \(route.interface)", name: "\(route.destination)",
                labels: labels[route.node] ?? [:],
                cells: [
                    Cell("\(route.destination)"), Cell(route.node), Cell(route.interface),
                    Cell(route.source.map { "\($0)" } ?? "-"),
                    Cell(route.state, route.state == Reason.programmed ? .good : .warning), Cell(route.overlay),
                    Cell("\(route.protocolNumber)"),
                ],
                json: try JSONValue(encoding: route, kind: "Route"))
        }
        return Listing(kind: .routes, columns: columns, objects: objects)
    }

    /// Sorted by when they were last seen, the newest at the bottom.
    static func events(_ events: [Event], now: Date) throws -> Listing {
        let columns: [Column] = [
            .init(title: "LAST SEEN"), .init(title: "TYPE"), .init(title: "REASON"), .init(title: "OBJECT"),
            .init(title: "MESSAGE"),
        ]
        let objects = try events.map { event in
            Object(
                id: "\(event.regarding) \(event.reason) \(event.firstTimestamp.timeIntervalSince1970) \(event.message)",
                name: "\(event.regarding)", labels: [:],
                cells: [
                    Cell(seenText(event, now: now)),
                    Cell(event.type.rawValue, event.type == .warning ? .warning : .plain), Cell(event.reason),
                    Cell("\(event.regarding)"), Cell(event.message),
                ],
                json: try JSONValue(encoding: event, kind: "Event"))
        }
        return Listing(kind: .events, columns: columns, objects: objects)
    }

    /// `12s`, or `12s (x4 over 3m)`.
    static func seenText(_ event: Event, now: Date) -> String {
        let last = Age.text(since: event.lastTimestamp, now: now)
        guard event.count > 1 else { return last }
        return "\(last) (x\(event.count) over \(Age.text(since: event.firstTimestamp, now: now)))"
    }

    /// Peers and routes have no labels of their own: a selector picks them by those of the node behind them.
    private static func nodeLabels(_ report: StatusReport) -> [String: [String: String]] {
        Dictionary(report.nodes.map { ($0.metadata.name, $0.metadata.labels ?? [:]) }) { first, _ in first }
    }
}

/// Milliseconds, from seconds.
func roundTripText(_ seconds: Double?) -> String {
    seconds.map { String(format: "%.2fms", $0 * 1000) } ?? "-"
}

public import Foundation
internal import NetAddress
public import Resources

extension ObjectTable {
    static let containerColumns: [Column] = [
        .init("NAME"), .init("NODE"), .init("READY"), .init("STATUS"), .init("RESTARTS"), .init("ADDRESSES"),
        .init("AGE"), .init("IMAGE", isWide: true), .init("OVERLAYS", isWide: true),
    ]
    static let peerColumns: [Column] = [
        .init("NAME"), .init("OVERLAY"), .init("READY"), .init("STATUS"), .init("ENDPOINT"), .init("HANDSHAKE"),
        .init("RX"), .init("TX"), .init("INTERFACE", isWide: true), .init("RTT", isWide: true),
        .init("PROBE-AGE", isWide: true), .init("KEEPALIVE", isWide: true), .init("ALLOWED-IPS", isWide: true),
        .init("PUBLIC-KEY", isWide: true),
    ]
    static let routeColumns: [Column] = [
        .init("NAME"), .init("NODE"), .init("INTERFACE"), .init("SOURCE"), .init("STATUS"),
        .init("OVERLAY", isWide: true), .init("PROTOCOL", isWide: true),
    ]
    static let eventColumns: [Column] = [
        .init("LAST SEEN"), .init("TYPE"), .init("REASON"), .init("OBJECT"), .init("MESSAGE"),
    ]
}

extension ContainerReport {
    func cells(now: Date) -> [Cell] {
        [
            Cell(name), Cell(node), conditions.readyCell, statusCell, Cell(restarts.map { "\($0)" } ?? "-"),
            Cell(list: addresses.sorted().map { "\($0)" }), Cell(Age.text(since: startedAt, now: now)), Cell(image),
            Cell(list: overlays),
        ]
    }

    /// Podman's state while all is well, the reason when it is not, `-` for another host's container.
    private var statusCell: Cell {
        let fromConditions = conditions.statusCell
        guard let state, [.good, .plain].contains(fromConditions.tone) else { return fromConditions }
        return Cell(state.prefix(1).uppercased() + state.dropFirst(), state == "running" ? .good : .warning)
    }
}

extension PeerReport {
    func cells(now: Date) -> [Cell] {
        let tone: Tone = ready == .true ? .good : ready == .false ? .bad : .warning
        return [
            Cell(node), Cell(overlay), Cell(readyStatus: ready), Cell(reason, tone), Cell(endpoint ?? "-"),
            Cell(Age.text(since: latestHandshake, now: now)), Cell(bytesText(receivedBytes)),
            Cell(bytesText(transmittedBytes)), Cell(interface), Cell(roundTripText(lastRoundTrip)),
            Cell(Age.text(since: lastProbeTime, now: now)),
            Cell(persistentKeepalive == 0 ? "off" : "\(persistentKeepalive)s"),
            Cell(list: allowedIPs.sorted().map { "\($0)" }), Cell("\(publicKey)"),
        ]
    }
}

extension RouteReport {
    var cells: [Cell] {
        [
            Cell("\(destination)"), Cell(node), Cell(interface), Cell(source.map { "\($0)" } ?? "-"),
            Cell(state, state == Reason.programmed ? .good : .warning), Cell(overlay), Cell("\(protocolNumber)"),
        ]
    }
}

extension Event {
    func cells(now: Date) -> [Cell] {
        [
            Cell(seenText(now: now)), Cell(type.rawValue, type == .warning ? .warning : .plain), Cell(reason),
            Cell("\(regarding)"), Cell(message),
        ]
    }

    /// `12s`, or `12s (x4 over 3m)`.
    public func seenText(now: Date) -> String {
        let last = Age.text(since: lastTimestamp, now: now)
        guard count > 1 else { return last }
        return "\(last) (x\(count) over \(Age.text(since: firstTimestamp, now: now)))"
    }
}

/// Milliseconds, from seconds.
public func roundTripText(_ seconds: Double?) -> String {
    seconds.map { String(format: "%.2fms", $0 * 1000) } ?? "-"
}

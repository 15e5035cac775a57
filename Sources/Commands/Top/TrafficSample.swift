internal import ControlAPI
internal import Foundation

/// What went through the tunnels between two readings of their counters, as `-o json` prints it.
struct TrafficSample: Hashable, Codable {
    struct Peer: Hashable, Codable {
        var node: String
        var overlay: String
        var interface: String
        var endpoint: String?
        var latestHandshake: Date?
        /// Bytes since the device stands.
        var receivedBytes: UInt64
        var transmittedBytes: UInt64
        /// Bytes a second; nil for a peer that the first reading did not have.
        var receivedPerSecond: Double?
        var transmittedPerSecond: Double?

        var ratePerSecond: Double { (receivedPerSecond ?? 0) + (transmittedPerSecond ?? 0) }
    }

    enum Order: String, CaseIterable {
        /// Both directions together.
        case rate
        case rx, tx
        /// Bytes since the device stands.
        case total
        case node
    }

    /// The Node that the host is.
    var node: String
    var at: Date
    /// Seconds between both readings.
    var interval: Double
    var peers: [Peer]
    /// Devices that could not be read.
    var errors: [String]

    /// - Parameter order: the largest first, names and what is equal by name.
    init(from before: TrafficReport, to after: TrafficReport, by order: Order) {
        struct Key: Hashable {
            var overlay: String
            var node: String
        }
        let known = Dictionary(before.peers.map { (Key(overlay: $0.overlay, node: $0.node), $0) }) { first, _ in first }
        let seconds = after.readAt - before.readAt
        func rate(_ count: UInt64, since earlier: UInt64?) -> Double? {
            guard let earlier, seconds > 0 else { return nil }
            // A device or peer that was made anew counts from zero.
            return Double(count >= earlier ? count - earlier : count) / seconds
        }
        node = after.node
        at = Date(timeIntervalSince1970: after.readAt)
        interval = seconds
        errors = after.errors
        peers = after.peers.map { peer in
            let earlier = known[Key(overlay: peer.overlay, node: peer.node)]
            return Peer(
                node: peer.node, overlay: peer.overlay, interface: peer.interface, endpoint: peer.endpoint,
                latestHandshake: peer.latestHandshake.map { Date(timeIntervalSince1970: TimeInterval($0)) },
                receivedBytes: peer.receivedBytes, transmittedBytes: peer.transmittedBytes,
                receivedPerSecond: rate(peer.receivedBytes, since: earlier?.receivedBytes),
                transmittedPerSecond: rate(peer.transmittedBytes, since: earlier?.transmittedBytes))
        }
        func weight(_ peer: Peer) -> Double {
            switch order {
            case .rate: peer.ratePerSecond
            case .rx: peer.receivedPerSecond ?? 0
            case .tx: peer.transmittedPerSecond ?? 0
            case .total: Double(peer.receivedBytes) + Double(peer.transmittedBytes)
            case .node: 0
            }
        }
        peers.sort { a, b in
            weight(a) == weight(b) ? (a.node, a.overlay) < (b.node, b.overlay) : weight(a) > weight(b)
        }
    }

    /// A line on the whole, then the table.
    func lines() -> [String] {
        let rx = peers.reduce(0) { $0 + ($1.receivedPerSecond ?? 0) }
        let tx = peers.reduce(0) { $0 + ($1.transmittedPerSecond ?? 0) }
        let summary =
            "\(node.printable): \(peers.count) \(peers.count == 1 ? "peer" : "peers"), RX \(Self.text(rx))/s, "
            + "TX \(Self.text(tx))/s, \(timestampText(at))"
        let table = Table(
            columns: ["NODE", "OVERLAY", "RX/S", "TX/S", "RX", "TX", "HANDSHAKE", "ENDPOINT"],
            rows: peers.map { peer in
                [
                    Cell(peer.node), Cell(peer.overlay), Cell(Self.text(peer.receivedPerSecond)),
                    Cell(Self.text(peer.transmittedPerSecond)), Cell(bytesText(peer.receivedBytes)),
                    Cell(bytesText(peer.transmittedBytes)), Cell(Age.text(since: peer.latestHandshake, now: at)),
                    Cell(peer.endpoint ?? "-"),
                ]
            })
        return [summary] + errors.map { "error: \($0.printable)" } + [""] + table.lines()
    }

    private static func text(_ rate: Double?) -> String {
        rate.map { bytesText(UInt64(max(0, min($0, 1e18)).rounded())) } ?? "-"
    }
}

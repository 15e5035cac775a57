internal import Foundation
internal import Resources

/// What `/metrics` says of each peer.
struct PeerMetric: Sendable {
    var name: String
    var type: String
    var help: String
    /// nil: no sample.
    var value: @Sendable (HostMetrics.Peer) -> String?

    private init(
        _ name: String, _ type: String, _ help: String, _ value: @escaping @Sendable (HostMetrics.Peer) -> String?
    ) {
        (self.name, self.type, self.help, self.value) = ("wgctl_peer_\(name)", type, help, value)
    }

    static let all = [
        PeerMetric("transmit_bytes_total", "counter", "Bytes sent to a node, by overlay.") { "\($0.transmittedBytes)" },
        PeerMetric("receive_bytes_total", "counter", "Bytes received from a node, by overlay.") {
            "\($0.receivedBytes)"
        },
        PeerMetric(
            "ready", "gauge",
            "1 when a node answered its last probe over the overlay, 0 when it did not; no sample while that is unknown."
        ) { peer in
            switch peer.ready {
            case .true: "1"
            case .false: "0"
            case .unknown: nil
            }
        },
        // A time and not an age, as Prometheus recommends: it is exact at every later moment.
        PeerMetric(
            "last_handshake_timestamp_seconds", "gauge",
            "When the last handshake with a node was, seconds since the epoch; its age is time() minus this. "
                + "No sample before the first."
        ) { peer in peer.latestHandshake.map { "\($0)" } },
        PeerMetric(
            "round_trip_seconds", "gauge", "Round trip of a node's last probe; no sample when nobody answered it."
        ) { peer in peer.roundTrip.map { String(format: "%.6f", $0) } },
        PeerMetric(
            "last_probe_timestamp_seconds", "gauge",
            "When a node's last probe was sent, seconds since the epoch. No sample before the first."
        ) { peer in peer.lastProbe.map { String(format: "%.3f", $0) } },
        PeerMetric("probes_total", "counter", "Probes of a node over the overlay.") { "\($0.probes)" },
        PeerMetric(
            "probes_lost_total", "counter",
            "Probes of a node without a reply in time; rate() of this by rate() of wgctl_peer_probes_total is the loss."
        ) { "\($0.lostProbes)" },
    ]
}

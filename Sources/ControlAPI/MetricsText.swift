internal import Foundation
internal import Resources

/// Counts in Prometheus' text format 0.0.4: neither keys nor endpoints.
public enum MetricsText {
    public static func render(_ metrics: HostMetrics) -> String {
        let report = metrics.summary
        var text = ""
        func metric(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: String)]) {
            guard !samples.isEmpty else { return }
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
            for sample in samples { text += "\(name)\(sample.labels) \(sample.value)\n" }
        }
        func byBackend(_ counts: [String: Int]) -> [(labels: String, value: String)] {
            counts.sorted { $0.key < $1.key }.map { (labels([("backend", $0.key)]), "\($0.value)") }
        }

        let daemon = report.daemon
        metric(
            "wgctl_info", "gauge", "The daemon's version and node.",
            [(labels([("node", report.node), ("version", daemon.version)]), "1")])
        metric(
            "wgctl_start_time_seconds", "gauge", "When the daemon started, seconds since the epoch.",
            [("", "\(Int(daemon.startedAt.timeIntervalSince1970))")])
        metric(
            "wgctl_paused", "gauge", "1 while the daemon changes nothing.", [("", daemon.paused == nil ? "0" : "1")])
        metric("wgctl_reconciles_total", "counter", "Passes of the loop.", [("", "\(report.counters.reconciles)")])
        if let duration = report.counters.lastReconcileDuration {
            metric(
                "wgctl_last_reconcile_duration_seconds", "gauge", "How long the last pass took.", [("", "\(duration)")])
        }
        metric("wgctl_writes_total", "counter", "Changes made, by backend.", byBackend(report.counters.writes))
        metric(
            "wgctl_errors_total", "counter", "Failed reads and writes, by backend.", byBackend(report.counters.errors))
        metric("wgctl_file_errors", "gauge", "Mistakes in manifest files.", [("", "\(report.fileErrors.count)")])
        metric("wgctl_resources", "gauge", "Resources, by kind and Ready condition.", resources(metrics.resources))
        let peerLabels = metrics.peers.map { labels([("node", $0.node), ("overlay", $0.overlay)]) }
        for peerMetric in PeerMetric.all {
            metric(
                peerMetric.name, peerMetric.type, peerMetric.help,
                zip(peerLabels, metrics.peers).compactMap { labels, peer in peerMetric.value(peer).map { (labels, $0) }
                })
        }
        metric(
            "wgctl_container_restarts_total", "counter", "How often a container of this host was started again.",
            metrics.containers.map { (labels([("container", $0.name)]), "\($0.restarts)") })
        return text
    }

    private static func resources(_ counts: [HostMetrics.Group: Int]) -> [(labels: String, value: String)] {
        counts.sorted { $0.key < $1.key }.map { group, count in
            (labels([("kind", group.kind), ("ready", group.ready.rawValue)]), "\(count)")
        }
    }

    private static func labels(_ pairs: [(name: String, value: String)]) -> String {
        let parts = pairs.map { pair in
            "\(pair.name)=\"\(escaped(pair.value))\""
        }
        return "{\(parts.joined(separator: ","))}"
    }

    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { [0x5c, 0x22, 0x0a].contains($0) }) else { return value }
        return value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

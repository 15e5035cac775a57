internal import Foundation
internal import Resources

/// A status report in Prometheus' text format 0.0.4: counts only, neither keys nor endpoints.
public enum MetricsText {
    public static func render(_ report: StatusReport) -> String {
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
        metric("wgctl_resources", "gauge", "Resources, by kind and Ready condition.", resources(report))
        metric(
            "wgctl_peer_transmit_bytes_total", "counter", "Bytes sent to a node, by overlay.",
            report.peers.map { (peerLabels($0), "\($0.transmittedBytes)") })
        metric(
            "wgctl_peer_receive_bytes_total", "counter", "Bytes received from a node, by overlay.",
            report.peers.map { (peerLabels($0), "\($0.receivedBytes)") })
        return text
    }

    private static func resources(_ report: StatusReport) -> [(labels: String, value: String)] {
        var counts: [[String]: Int] = [:]
        for resource in report.gateways + report.nodes + report.overlays {
            counts[[resource.kind.rawValue, resource.status.conditions.status(of: .ready)], default: 0] += 1
        }
        for container in report.containers where container.isLocal {
            counts[["Container", container.conditions.status(of: .ready)], default: 0] += 1
        }
        return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { entry in
            (labels([("kind", entry.key[0]), ("ready", entry.key[1])]), "\(entry.value)")
        }
    }

    private static func peerLabels(_ peer: PeerReport) -> String {
        labels([("node", peer.node), ("overlay", peer.overlay)])
    }

    private static func labels(_ pairs: [(name: String, value: String)]) -> String {
        let parts = pairs.map { pair in
            let value = pair.value.replacingOccurrences(of: "\\", with: "\\\\")
                .replacingOccurrences(of: "\"", with: "\\\"").replacingOccurrences(of: "\n", with: "\\n")
            return "\(pair.name)=\"\(value)\""
        }
        return "{\(parts.joined(separator: ","))}"
    }
}

extension [Condition] {
    fileprivate func status(of type: Condition.ConditionType) -> String {
        (first { $0.type == type }?.status ?? .unknown).rawValue
    }
}

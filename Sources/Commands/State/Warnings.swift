internal import ControlAPI
internal import Resources

extension StatusReport {
    /// What an operator must not miss, whatever is listed: a pause, mistakes in files, refused documents. One line
    /// each, to standard error.
    var warnings: [String] {
        var lines: [String] = []
        if let paused = daemon.paused { lines.append("paused: \(paused)") }
        lines += daemon.warnings
        lines += fileErrors
        for resource in nodes + overlays + gateways {
            guard let accepted = resource.status.conditions[.accepted], accepted.status == .false,
                accepted.reason != Reason.pruneBlocked  // the daemon's warning says it once for all
            else { continue }
            let subject = "\(resource.kind.rawValue.lowercased())/\(resource.metadata.name)"
            // A file that cannot be parsed is said once, not again for each resource that it held.
            for line in accepted.message.split(separator: "\n") where !fileErrors.contains(String(line)) {
                lines.append("\(subject): \(line)")
            }
        }
        return lines.map { "warning: \($0.printable)" }
    }
}

internal import ControlAPI
internal import Resources

extension StatusSummary {
    /// Those of commands that show objects. What this version does not serve is in the row of whoever asks for it, and in
    /// `wgctl status`; it is no warning of everything else.
    var warningsBesideObjects: [String] {
        var summary = self
        summary.refused.removeAll { $0.reason == Reason.unsupportedKind }
        return summary.warnings
    }

    /// What an operator must not miss, whatever is listed: a pause, mistakes in files, refused documents. One line
    /// each, to standard error.
    var warnings: [String] {
        var lines: [String] = []
        if let paused = daemon.paused { lines.append("paused: \(paused)") }
        lines += daemon.warnings
        lines += fileErrors
        // A file that cannot be parsed is said once, not again for each resource that it held.
        let said = Set(fileErrors)
        for refusal in refused {
            for line in refusal.message.split(separator: "\n") where !said.contains(String(line)) {
                lines.append("\(refusal.key.reference): \(line)")
            }
        }
        return lines.map { "warning: \($0.printable)" }
    }
}

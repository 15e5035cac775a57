internal import ControlAPI

/// The text of `wgctl diff`, in the words of `terraform plan`.
struct DiffText {
    var report: DiffReport
    var isColoured = false

    /// Empty when nothing differs.
    var lines: [String] {
        guard !report.isEmpty else { return [] }
        var lines = ["\(report.node.printable) would change:", ""]
        lines += report.changes.map(line)
        if !report.held.isEmpty {
            lines += (report.changes.isEmpty ? [] : [""]) + ["Held, and done once what they wait for is there:", ""]
            lines += report.held.flatMap { [line($0), "        # \(($0.heldBy ?? "").printable)"] }
        }
        if !report.conflicts.isEmpty {
            lines += (report.changes.isEmpty && report.held.isEmpty ? [] : [""])
            lines += ["In conflict with something that is not wgctl's, which is never touched:", ""]
            let sign = coloured("!", "31")
            lines += report.conflicts.map { "    \(sign) \($0.object.printable): \($0.message.printable)" }
        }
        if !report.violations.isEmpty {
            lines += (lines.count == 2 ? [] : [""])
            lines += ["Against this host's policy, and left as it stands:", ""]
            lines += report.violations.flatMap { violation in
                ["    \(coloured("!", "31")) \(violation.object.printable)"]
                    + violation.message.split(separator: "\n").map { "        # \(String($0).printable)" }
            }
        }
        return lines + ["", summary]
    }

    /// What is said when nothing differs.
    var conclusion: String {
        if !report.unknown.isEmpty { return "No changes in what was compared, but not everything was: see above." }
        // What is refused or blocked is not done, and nothing is going to do it.
        if !report.findings.isEmpty { return "No changes. Not everything in the manifests is in force: see above." }
        return "No changes. \(report.node.printable) is as the manifests want it."
    }

    /// What is held counts, being done without another command.
    var summary: String {
        let operations = (report.changes + report.held).map(\.operation)
        func count(_ wanted: DiffReport.Operation...) -> Int { operations.filter { wanted.contains($0) }.count }
        let plan =
            "Plan: \(count(.create, .replace)) to add, \(count(.update)) to change, "
            + "\(count(.delete, .replace)) to remove."
        let conflicts = report.conflicts.isEmpty ? "" : " \(counted(report.conflicts.count, "conflict"))."
        let violations = report.violations.isEmpty ? "" : " \(report.violations.count) against the policy."
        return plan + conflicts + violations
    }

    private func line(_ change: DiffReport.Change) -> String {
        let (sign, colour) =
            switch change.operation {
            case .create: ("  +", "32")
            case .update: ("  ~", "33")
            case .delete: ("  -", "31")
            case .replace: ("-/+", "33")
            case .run: ("  >", "36")
            }
        let detail = change.detail.isEmpty ? "" : " (\(change.detail.printable))"
        return "  \(coloured(sign, colour)) \(change.object.printable)\(detail)"
    }

    private func coloured(_ text: String, _ colour: String) -> String {
        isColoured ? "\u{1b}[\(colour)m\(text)\u{1b}[0m" : text
    }
}

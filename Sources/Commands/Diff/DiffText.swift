internal import ControlAPI
internal import Convergence
internal import Resources

/// The text of `wgctl diff`, in the words of `terraform plan`.
struct DiffText {
    var report: DiffReport
    var isColoured = false

    /// Empty when nothing differs and everything was compared.
    var lines: [String] {
        let sections = [changes, held, conflicts, violations, blocked].filter { !$0.isEmpty }
        var lines: [String] = []
        if !sections.isEmpty { lines += sections.joined(separator: [""]) + [""] + summary }
        if !unknown.isEmpty { lines += (lines.isEmpty ? [] : [""]) + unknown }
        return lines
    }

    /// What is said when nothing differs.
    var conclusion: String {
        if !report.unknown.isEmpty { return "No changes in what was compared, but not everything was." }
        // What is refused is not done, and nothing is going to do it.
        if !report.isAsWanted { return "No changes. Not everything in the manifests is in force: see above." }
        return "No changes. \(report.node.printable) is as the manifests want it."
    }

    /// What is held counts, being done without another command.
    var summary: [String] {
        let counts = report.counted
        var plan = "Plan: \(counts.add) to add, \(counts.change) to change, \(counts.remove) to remove"
        if counts.replace > 0 { plan += " (\(counts.replace) replaced)" }
        plan += "."
        if !report.conflicts.isEmpty { plan += " \(counted(report.conflicts.count, "conflict"))." }
        if !report.violations.isEmpty { plan += " \(report.violations.count) against the policy." }
        if let blocked = report.blocked { plan += " \(counted(blocked.deletions.count, "deletion")) blocked." }
        return [plan] + consequences
    }

    /// What is replaced because of another object, counted for each of these.
    private var consequences: [String] {
        let followers = (report.changes + report.held).filter { $0.operation == .replace && $0.because != nil }
        let groups = Dictionary(grouping: followers) { $0.because ?? "" }
        return groups.sorted { $0.key < $1.key }.map { cause, followers in
            let names = followers.prefix(5).map(Self.name).joined(separator: ", ")
            let more = followers.count > 5 ? " and \(followers.count - 5) more" : ""
            return "Because of \(cause.printable), \(counted(followers.count, "container")) "
                + "\(followers.count == 1 ? "is" : "are") replaced: \(names)\(more)."
        }
    }

    /// Of `container web`, the name.
    private static func name(_ change: DiffReport.Change) -> String {
        String(change.object.split(separator: " ").last ?? "").printable
    }

    // MARK: Sections, each empty or with its heading

    private var changes: [String] {
        report.changes.isEmpty ? [] : ["\(report.node.printable) would change:", ""] + report.changes.flatMap(lines)
    }

    private var held: [String] {
        guard !report.held.isEmpty else { return [] }
        return ["Held, and done once what they wait for is there:", ""]
            + report.held.flatMap { lines($0) + ["        # \(($0.heldBy ?? "").printable)"] }
    }

    private var conflicts: [String] {
        guard !report.conflicts.isEmpty else { return [] }
        return ["In conflict with something that is not wgctl's, which is never touched:", ""]
            + report.conflicts.map { "    \(mark) \($0.object.printable): \($0.message.printable)" }
    }

    private var violations: [String] {
        guard !report.violations.isEmpty else { return [] }
        return ["Against this host's policy, and left as it stands:", ""]
            + report.violations.flatMap { violation in
                ["    \(mark) \(violation.object.printable)"]
                    + violation.message.split(separator: "\n").map { "        # \(String($0).printable)" }
            }
    }

    private var blocked: [String] {
        guard let blocked = report.blocked else { return [] }
        return ["Deletions that wait until you confirm them with `wgctl prune --confirm`:", ""]
            + blocked.deletions.map { "    \(mark) \($0.description.printable)" }
            + blocked.reasons.map { "        # \($0.printable)" }
    }

    private var unknown: [String] {
        guard !report.unknown.isEmpty else { return [] }
        return ["Not everything could be compared:", ""]
            + report.unknown.map { "    \(coloured("?", "33")) \($0.printable)" }
    }

    // MARK: Lines

    /// The change, and below it the fields that differ.
    private func lines(_ change: DiffReport.Change) -> [String] {
        let (sign, colour) =
            switch change.operation {
            case .create: ("  +", "32")
            case .update: ("  ~", "33")
            case .delete: ("  -", "31")
            case .replace: ("-/+", "33")
            case .run: ("  >", "36")
            }
        let head = "  \(coloured(sign, colour)) \(change.object.printable)"
        guard change.operation == .replace, change.fields != nil || change.because != nil else {
            return [head + (change.detail.isEmpty ? "" : " (\(change.detail.printable))")]
        }
        let reason = change.because.map { " # replaced because of \($0.printable)" } ?? ""
        return [head + reason] + (change.fields ?? []).map(line)
    }

    private func line(_ field: FieldChange) -> String {
        let name = field.field.printable
        return switch (field.before, field.after) {
        case (let before?, let after?):
            "        \(coloured("~", "33")) \(name): \(text(before)) -> \(text(after)) # forces replacement"
        case (nil, let after?): "        \(coloured("+", "32")) \(name): \(text(after)) # forces replacement"
        case (let before, nil):
            "        \(coloured("-", "31")) \(name): \(text(before ?? "")) # forces replacement"
        }
    }

    private func text(_ value: String) -> String { value.isEmpty ? "\"\"" : value.printable }

    private var mark: String { coloured("!", "31") }

    private func coloured(_ text: String, _ colour: String) -> String {
        isColoured ? "\u{1b}[\(colour)m\(text)\u{1b}[0m" : text
    }
}

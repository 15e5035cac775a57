internal import ControlAPI
internal import Foundation

/// The text of a `CheckReport`.
struct CheckText {
    /// Reasons that are told; -o json has them all.
    static let limit = 10

    var report: CheckReport
    var isWide = false
    var isColoured = false

    /// The table, what is wrong, and a summary.
    func lines(now: Date) -> [String] {
        var lines = report.paths.isEmpty ? [] : table(now: now).lines(isColoured: isColoured) + [""]
        let complaints = complaints
        if !complaints.isEmpty { lines += complaints + [""] }
        return lines + [summary]
    }

    func table(now: Date) -> Table {
        let columns = [
            "FROM", "TO", "ADDRESS", "OVERLAY", "HANDSHAKE", "RTT", "LOSS", "MTU", "RESULT",
        ]
        let rows = report.paths.map { path in
            [
                Cell("\(path.from)"), Cell("\(path.to)"), Cell("\(path.address)"), Cell(path.overlay),
                Cell(Age.text(since: path.latestHandshake, now: now)), Cell(path.roundTripText), Cell(path.lossText),
                Cell(path.mtuText), path.resultCell,
            ] + (isWide ? [Cell(path.interface), Cell(path.endpoint ?? "-"), Cell(path.node)] : [])
        }
        return Table(columns: columns + (isWide ? ["INTERFACE", "ENDPOINT", "NODE"] : []), rows: rows)
    }

    /// What is wrong, a line for each reason, NoPath at the end.
    var complaints: [String] {
        let paths =
            report.paths.filter { $0.result != .ok && $0.result != .noPath }
            + report.paths.filter { $0.result == .noPath }
        let groups = Dictionary(grouping: paths.enumerated(), by: { $0.element.message ?? $0.element.result.rawValue })
            .sorted { $0.value[0].offset < $1.value[0].offset }
        let told = groups.prefix(Self.limit).map { message, paths in
            let (first, others) = (paths[0].element, paths.count - 1)
            return
                "\(first.from) -> \(first.to) (\(first.address))\(others > 0 ? " and \(others) more" : ""): \(message)"
                .printable
        }
        let more = groups.dropFirst(Self.limit).reduce(0) { $0 + $1.value.count }
        return report.problems.map(\.printable) + told + (more > 0 ? ["… and \(more) more, all with -o json"] : [])
    }

    var summary: String {
        guard report.summary.paths > 0 else {
            return report.problems.isEmpty
                ? "No paths: there is nothing to probe from \(report.node.printable)."
                : "No paths: nothing could be probed from \(report.node.printable)."
        }
        return report.summary.text
    }
}

extension CheckReport.Summary {
    /// `10 paths: 2 OK, 6 not.`, for a host and for a whole lab.
    var text: String {
        var text = "\(paths) \(paths == 1 ? "path" : "paths"): \(ok) OK, \(failed) not"
        if paths > ok + failed {
            text += ", \(noPath) without a path, which is no failure without --require-path"
        }
        return text + "."
    }
}

extension PathResult {
    var resultCell: Cell { Cell(result.rawValue, result == .ok ? .good : result == .noPath ? .warning : .bad) }

    /// Least, average and most, in milliseconds.
    var roundTripText: String {
        guard let roundTrip else { return "-" }
        let parts = [roundTrip.min, roundTrip.avg, roundTrip.max].map { String(format: "%.2f", $0 * 1000) }
        return parts.joined(separator: "/") + "ms"
    }

    var lossText: String {
        sent == 0 ? "-" : "\(((sent - received) * 100 + sent / 2) / sent)%"
    }

    /// Bytes: `1420`, or `1376/1420` when less passes than is promised.
    var mtuText: String {
        guard let mtu else { return "-" }
        guard let carried = mtu.carried else { return "<1280/\(mtu.promised)" }
        return carried < mtu.promised ? "\(carried)/\(mtu.promised)" : "\(carried)"
    }
}

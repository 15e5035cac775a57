internal import ControlAPI
internal import Convergence
internal import Foundation

/// What `wgctl lab check` found: every host's own report, by name.
struct LabReport: Hashable, Codable {
    /// One of both.
    struct Host: Hashable, Codable {
        var report: CheckReport?
        /// Why the host could not be asked.
        var error: String?
    }

    var lab: String
    var hosts: [String: Host]

    var isGood: Bool { hosts.values.allSatisfy { $0.report?.isGood ?? false } }
}

/// The text of a `LabReport`: rows from, columns to.
struct LabReportText {
    var lab: LabReport
    var isWide = false
    var isColoured = false

    func lines(now: Date) -> [String] {
        let names = lab.hosts.keys.sorted()
        var lines = matrix(names).lines(isColoured: isColoured) + [""]
        var total = CheckReport.Summary(paths: 0, ok: 0, noPath: 0, failed: 0)
        for name in names {
            guard let host = lab.hosts[name]?.report else { continue }
            let text = CheckText(report: host, isWide: isWide, isColoured: isColoured)
            let own = (isWide ? text.table(now: now).lines(isColoured: isColoured) : []) + text.complaints
            if !own.isEmpty { lines += ["\(name):"] + own.map { "  " + $0 } + [""] }
            total += host.summary
        }
        let unasked = names.compactMap { name in lab.hosts[name]?.error.map { "\(name): \($0.printable)" } }
        if !unasked.isEmpty { lines += unasked + [""] }
        return lines + ["\(names.count) \(names.count == 1 ? "host" : "hosts"), \(total.text)"]
    }

    /// Each cell is the average round trip between both hosts, or what is wrong with the worst of their paths, those of
    /// containers too; `-` where there is none.
    func matrix(_ names: [String]) -> Table {
        Table(
            columns: ["FROM \\ TO"] + names,
            rows: names.map { from in
                [Cell(from)] + names.map { to in cell(from: from, to: to) }
            })
    }

    private func cell(from: String, to: String) -> Cell {
        guard let report = lab.hosts[from]?.report else { return Cell(from == to ? "-" : "NotAsked", .bad) }
        let paths = report.paths.filter { $0.node == to }
        if let worst = paths.min(by: { $0.result.severity > $1.result.severity }), worst.result != .ok {
            return worst.resultCell
        }
        let own = paths.first { $0.from.kind == .node } ?? paths.first
        return own?.roundTrip.map { Cell(roundTripText($0.avg), .good) } ?? Cell("-")
    }
}

extension CheckReport.Summary {
    static func += (total: inout Self, other: Self) {
        total.paths += other.paths
        total.ok += other.ok
        total.noPath += other.noPath
        total.failed += other.failed
    }
}

extension PathResult.Outcome {
    /// 0 for what is well.
    fileprivate var severity: Int {
        switch self {
        case .ok: 0
        case .noPath: 1
        case .pathMTU: 2
        case .packetLoss: 3
        case .noReply: 4
        case .notSent: 5
        case .noHandshake: 6
        case .publicKeyMissing: 7
        }
    }
}

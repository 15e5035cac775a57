internal import ArgumentParser
internal import ControlAPI
internal import Foundation
internal import JSON

/// `wgctl status`
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the daemon, what is in force, and how often it has written what since it started.",
        discussion: """
            While nothing changes, the count of reconciles goes up and no count of writes does. Exits with 1 while
            wgd is paused: then no edit takes effect until somebody sees to it.

            EXAMPLES:
              wgctl status
              wgctl status -o json

            \(ExitStatus.help)
            """)

    @Option(name: .shortAndLong, help: "json or yaml.")
    var output: DataFormat?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            let state = try await connection.source.open()
            let summary = state.summary
            if let remark = state.remark { Terminal.note(remark) }
            if let output {
                let value: JSONValue = .object(
                    [
                        "node": .string(summary.node), "daemon": try JSONValue(encoding: summary.daemon),
                        "counters": try JSONValue(encoding: summary.counters),
                        "commit": summary.commit.map(JSONValue.string),
                        "peers": try summary.peers.map { try JSONValue(encoding: $0) },
                        "containers": try summary.containers.map { try JSONValue(encoding: $0) },
                    ].compactMapValues(\.self))
                Terminal.print(text: try Rendering.text(value, output.outputFormat))
            } else {
                Terminal.print(StatusText.lines(summary, isRunning: state.remark == nil, now: Date()))
            }
            for warning in summary.warnings { Terminal.note(warning) }
            // For scripts: nothing is changed until somebody sees to it.
            if state.remark == nil, summary.daemon.paused != nil { throw ExitStatus.failure }
        }
    }
}

/// The text of `wgctl status`.
enum StatusText {
    static func lines(_ summary: StatusSummary, isRunning: Bool, now: Date) -> [String] {
        let daemon = summary.daemon
        let state =
            isRunning ? "running, pid \(daemon.pid), up \(Age.text(since: daemon.startedAt, now: now))" : "not running"
        var fields: [(name: String, value: String)] = [
            ("Node", summary.node), ("Daemon", "\(state), version \(daemon.version)"),
            ("Manifests", daemon.manifests), ("Commit", summary.commit ?? "-"), ("Policy", daemon.policy ?? "-"),
            ("Socket", daemon.socket),
            ("Paused", daemon.paused ?? "no"),
        ]
        guard isRunning else { return Description.aligned(fields) }
        for (name, count) in [("Peers", summary.peers), ("Containers", summary.containers)] {
            if let count { fields.append((name, "\(count.ready) of \(count.total) ready")) }
        }
        let counters = summary.counters
        var reconciles = "\(counters.reconciles)"
        if let last = counters.lastReconcile {
            reconciles += ", the last \(Age.text(since: last, now: now)) ago"
            if let duration = counters.lastReconcileDuration {
                reconciles += ", in \(String(format: "%.1f", duration * 1000)) ms"
            }
        }
        fields.append(("Reconciles", reconciles))
        let backends = Set(counters.writes.keys).union(counters.errors.keys).sorted()
        let table = Table(
            columns: ["BACKEND", "WRITES", "ERRORS"],
            rows: backends.map { backend in
                let errors = counters.errors[backend] ?? 0
                return [
                    Cell(backend), Cell("\(counters.writes[backend] ?? 0)"),
                    Cell("\(errors)", errors == 0 ? .plain : .warning),
                ]
            })
        return Description.aligned(fields) + (backends.isEmpty ? [] : [""] + table.lines())
    }
}

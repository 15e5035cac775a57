internal import ArgumentParser
internal import ControlAPI
internal import Foundation
internal import JSON

/// `wgctl status`
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the daemon, and how often it has written what since it started.",
        discussion: """
            In an unchanged world the count of reconciles goes up and no count of writes does.

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
                let value: JSONValue = .object([
                    "node": .string(summary.node), "daemon": try JSONValue(encoding: summary.daemon),
                    "counters": try JSONValue(encoding: summary.counters),
                ])
                Terminal.print(text: try Rendering.text(value, output.outputFormat))
            } else {
                Terminal.print(StatusText.lines(summary, isRunning: state.remark == nil, now: Date()))
            }
            for warning in summary.warnings { Terminal.note(warning) }
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
            ("Manifests", daemon.manifests), ("Policy", daemon.policy ?? "-"), ("Socket", daemon.socket),
            ("Paused", daemon.paused ?? "no"),
        ]
        guard isRunning else { return Description.aligned(fields) }
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

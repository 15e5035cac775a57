internal import ArgumentParser
internal import ControlAPI
internal import Lab

/// `wgctl lab status`.
struct LabStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show a lab's hosts.",
        discussion: """
            PID is the host's pid 1 and WGD its daemon, as this machine counts them.
            READY is the daemon's own word on its node, containers and peers. LAG is
            how late the host receives edits, and how many wait for it. Exits with 1
            when no such lab is up.
            """)

    @OptionGroup var lab: LabNameOption

    func run() async throws { try await reportingLabFailure { try await show() } }

    private func show() async throws {
        let lab = try lab.lab()
        var rows: [[Cell]] = []
        for host in try lab.hosts() {
            rows.append([
                Cell(host.name), Cell(host.pid.map(String.init) ?? "-", host.pid == nil ? .bad : .plain),
                Cell(host.daemonPID.map(String.init) ?? "-", host.daemonPID == nil ? .bad : .plain),
                host.daemonPID == nil ? Cell("False") : readyCell(await lab.readiness(of: host.name)),
                Cell(lag(host)), Cell(list: host.addresses),
            ])
        }
        for (node, reason) in try lab.refusals().sorted(by: { $0.key < $1.key }) {
            Terminal.note("warning: node/\(node) gets no host: \(reason)".printable)
        }
        let table = Table(columns: ["HOST", "PID", "WGD", "READY", "LAG", "ADDRESSES"], rows: rows)
        for line in table.lines(isColoured: Terminal.isColoured) { print(line) }
    }

    private func lag(_ host: LabHostStatus) -> String {
        guard let lag = host.lag else { return "-" }
        let edits = host.waitingEdits == 1 ? "1 edit waits" : "\(host.waitingEdits) edits wait"
        return host.waitingEdits == 0 ? lag.text : "\(lag.text), \(edits)"
    }

    private func readyCell(_ readiness: HostReadiness) -> Cell {
        switch readiness {
        case .ready: Cell("True", .good)
        case .waiting: Cell("False", .warning)
        case .failed: Cell("False", .bad)
        }
    }
}

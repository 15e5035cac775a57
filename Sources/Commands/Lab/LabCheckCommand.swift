internal import ArgumentParser
internal import ControlAPI
internal import Foundation
internal import JSON
internal import Lab

/// `wgctl lab check`.
struct LabCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Probe every path between a lab's hosts and their containers.",
        discussion: """
            What `wgctl check` does on each host, as a matrix: rows from, columns to.
            A cell is the round trip between both hosts, or what is wrong with the
            worst of their paths, those of their containers too. -o wide has every
            path as well.

              wgctl lab check
              wgctl lab check -o json | jq '.hosts["host-a"].report.summary'

            Exits with 0 when every path works, with 1 when something is wrong, with 2
            when it could not run: not root, or no such lab is up.
            """)

    @OptionGroup var lab: LabNameOption

    @OptionGroup var probes: ProbeOptions

    @Option(name: .shortAndLong, help: "wide, json or yaml.")
    var output: CheckFormat?

    func run() async throws {
        try await reportingFailure(ExitStatus.couldNotRun) {
            let hosts = try hosts()
            let report = LabReport(lab: lab.name, hosts: try await reports(hosts))
            for (name, host) in report.hosts.sorted(by: { $0.key < $1.key }) {
                for remark in host.report?.remarks ?? [] { Terminal.note("warning: \(name): \(remark.printable)") }
            }
            if let format = output?.document {
                Terminal.print(text: try Rendering.text(try JSONValue(encoding: report), format))
            } else {
                let text = LabReportText(lab: report, isWide: output == .wide, isColoured: Terminal.isColoured)
                Terminal.print(text.lines(now: Date()))
            }
            if !report.isGood { throw ExitStatus.failure }
        }
    }

    private func hosts() throws -> [LabHostStatus] {
        do { return try lab.lab().hosts() } catch { throw CommandFailure("\(error)") }
    }

    /// All hosts at once, at one pace: they share this machine.
    private func reports(_ hosts: [LabHostStatus]) async throws -> [String: LabReport.Host] {
        let pace = Pace()
        return try await withThrowingTaskGroup(of: (String, LabReport.Host).self) { group in
            for host in hosts {
                group.addTask { [options = probes.values] in
                    guard let pid = host.pid, let socket = host.controlSocket else {
                        return (host.name, LabReport.Host(error: "the host does not run"))
                    }
                    let run = CheckRun(
                        client: ControlClient(socketPath: socket), options: options,
                        networkNamespace: "/proc/\(pid)/ns/net", root: "/proc/\(pid)/root", pace: pace)
                    do {
                        return (host.name, LabReport.Host(report: try await run.report()))
                    } catch let error as ControlError {
                        return (host.name, LabReport.Host(error: "\(error)"))
                    }
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}

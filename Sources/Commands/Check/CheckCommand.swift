internal import ArgumentParser
internal import ControlAPI
internal import Foundation
internal import Glibc
internal import JSON

/// `wgctl check`
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Probe every path of this host: does it really work?",
        discussion: """
            From this host and from inside each of its running containers, to every other node of the overlay, and \
            from containers to the containers there: the handshake, echoes (least, average and most time), loss, and \
            the longest packet that comes through. Nothing is needed inside the images. Run it as root.

            At most 2,000 packets a second are sent, whatever the number of paths. NODE limits the check to paths \
            that lead there.

            EXAMPLES:
              wgctl check
              wgctl check host-b --from containers
              wgctl ping host-b                # the same as check
              wgctl check --from pod-a --count 10 -o wide
              wgctl check -o json | jq '.paths[] | select(.result != "OK")'

            EXIT STATUS:
              0   every path works (NoPath counts with --require-path only)
              1   something is wrong, or does not run that was to be probed
              2   could not run: not root, no daemon answers, or no such node, overlay
                  or container
              64  wrong command line
            """, aliases: ["ping"])

    @Argument(help: "Only paths to these nodes.", completion: ObjectCompletion.names(.nodes))
    var nodes: [String] = []

    @Option(
        name: .customLong("from"),
        help: ArgumentHelp("Only from here; repeatable. Both by default.", valueName: "host|containers|name"),
        completion: ObjectCompletion.names(.containers))
    var origins: [String] = []

    @Option(
        help: ArgumentHelp("Only on this overlay; repeatable.", valueName: "name"),
        completion: ObjectCompletion.names(.overlays))
    var overlay: [String] = []

    @OptionGroup var probes: ProbeOptions

    @Option(name: .shortAndLong, help: "wide, json or yaml.")
    var output: CheckFormat?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure(ExitStatus.couldNotRun) {
            let run = CheckRun(
                client: connection.client, options: probes.values,
                selection: CheckSelection(nodes: nodes, overlays: overlay, origins: origins),
                onProgress: Terminal.progress("probed"))
            let report = try await run.report()
            for remark in report.remarks { Terminal.note("warning: \(remark.printable)") }
            if let format = output?.document {
                Terminal.print(text: try Rendering.text(try JSONValue(encoding: report), format))
            } else {
                let text = CheckText(report: report, isWide: output == .wide, isColoured: Terminal.isColoured)
                Terminal.print(text.lines(now: Date()))
            }
            if !report.isGood { throw ExitStatus.failure }
        }
    }
}

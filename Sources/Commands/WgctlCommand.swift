internal import ArgumentParser
internal import ControlAPI

/// `wgctl`
struct WgctlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wgctl",
        abstract: "Containers on different hosts on one flat virtual subnet: what is there, and how it fares.",
        discussion: """
            wgctl asks wgd, the daemon on this host, over its control socket. When no daemon answers, it shows the \
            last recorded state and says since when.

            EXAMPLES:
              wgctl get nodes,containers,peers
              wgctl get nodes -w
              wgctl describe node host-a
              wgctl events --for container/pod-a
              wgctl key show
              wgctl validate manifests
              wgctl diff manifests
              wgctl check
              wgctl explain node.spec.overlays
              wgctl import wg-quick host-a.conf host-b.conf --directory manifests

            ENVIRONMENT:
              WGCTL_SOCKET  as --socket
              WGCTL_STATE   as --state
              NO_COLOR      no colour, if it is not empty

            \(ExitStatus.help)
            """,
        version: ProgramVersion.current,
        subcommands: [
            GetCommand.self, DescribeCommand.self, EventsCommand.self, StatusCommand.self, DoctorCommand.self,
            KeyCommand.self, ValidateCommand.self, ExplainCommand.self, PlanCommand.self, RenderCommand.self,
            ImportCommand.self, DiffCommand.self, CheckCommand.self, TopCommand.self, PruneCommand.self,
            AdoptCommand.self, WaitCommand.self, LogsCommand.self, ExecCommand.self,
            ResyncCommand.self, DownCommand.self, LabCommand.self, VersionCommand.self, CompletionCommand.self,
        ])

    /// As every other error of wgctl begins.
    static var _errorPrefix: String { "error: " }
}

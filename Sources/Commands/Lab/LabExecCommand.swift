internal import ArgumentParser
internal import Descriptors
internal import Glibc
internal import Lab

/// `wgctl lab exec`.
struct LabExecCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command on a lab host.",
        discussion: """
            wgctl, wg, ip, podman work there as on a host of its own. The exit code is
            the command's.

              wgctl lab exec host-a -- wgctl get nodes
              wgctl lab exec host-a -- wg show
              wgctl lab exec host-a -- bash
            """)

    @OptionGroup var lab: LabNameOption

    @Argument(help: "The Node's name.", completion: LabCompletion.hosts)
    var host: String

    @Argument(parsing: .postTerminator, help: "The command, after --.")
    var command: [String] = []

    func validate() throws {
        if command.isEmpty { throw ValidationError("no command: write it after --, such as `-- wgctl get nodes`") }
    }

    func run() async throws {
        try await reportingLabFailure { try replaceProcess(with: lab.lab().command(command, on: host)) }
    }
}

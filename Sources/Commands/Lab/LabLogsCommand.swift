internal import ArgumentParser
internal import Lab

/// `wgctl lab logs`.
struct LabLogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print what a lab host's daemon logged.")

    @OptionGroup var lab: LabNameOption

    @Argument(help: "The Node's name.", completion: LabCompletion.hosts)
    var host: String

    @Flag(name: .shortAndLong, help: "Go on as the log grows.")
    var follow = false

    func run() async throws {
        try await reportingLabFailure {
            let file = try lab.lab().logFile(of: host)
            try replaceProcess(with: ["tail", "--lines=+1"] + (follow ? ["--follow=name", "--retry"] : []) + [file])
        }
    }
}

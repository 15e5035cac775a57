internal import ArgumentParser
internal import ControlAPI

/// `wgctl logs`
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what a container of this host has printed.",
        discussion: """
            Runs podman logs. Of a container of another host it says where that is,
            and what to run there.

            EXAMPLES:
              wgctl logs web
              wgctl logs -f --tail 20 web

            \(ExitStatus.help)
            """)

    @Flag(name: .shortAndLong, help: "Keep printing what the container prints.")
    var follow = false

    @Option(help: "Only so many of the last lines.")
    var tail: Int?

    @Option(help: "Only what is newer: a time, or a duration such as 10m.")
    var since: String?

    @Flag(name: .shortAndLong, help: "Each line with its time.")
    var timestamps = false

    @Argument(help: "The container.", completion: ObjectCompletion.names(.containers))
    var container: String

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            var options = follow ? ["--follow"] : []
            if timestamps { options.append("--timestamps") }
            if let tail { options += ["--tail", "\(tail)"] }
            if let since { options += ["--since", since] }
            let name = container.split(separator: "/").last.map(String.init) ?? container
            let program = ContainerProgram(state: try await connection.source.open())
            let local = try await program.local(container, command: ["logs"] + options + [name])
            try replaceProcess(with: ["podman", "logs"] + options + [local])
        }
    }
}

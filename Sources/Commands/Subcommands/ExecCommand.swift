internal import ArgumentParser
internal import ControlAPI

/// `wgctl exec`
struct ExecCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a program in a container of this host.",
        discussion: """
            Runs podman exec, and ends with its exit status. Of a container of another
            host it says where that is, and what to run there.

            EXAMPLES:
              wgctl exec web -- ip route
              wgctl exec -it web -- sh

            \(ExitStatus.help)
            """)

    @Flag(name: [.customShort("i"), .customLong("stdin")], help: "Pass standard input on.")
    var passesInput = false

    @Flag(name: [.customShort("t"), .customLong("tty")], help: "Give the program a terminal.")
    var hasTerminal = false

    @Argument(help: "The container.", completion: ObjectCompletion.names(.containers))
    var container: String

    @Argument(parsing: .postTerminator, help: "The program and its arguments, after --.")
    var command: [String]

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            guard !command.isEmpty else { throw CommandFailure("name the program after --: wgctl exec web -- sh") }
            let options = (passesInput ? ["--interactive"] : []) + (hasTerminal ? ["--tty"] : [])
            let flags = passesInput && hasTerminal ? ["-it"] : passesInput ? ["-i"] : hasTerminal ? ["-t"] : []
            let name = container.split(separator: "/").last.map(String.init) ?? container
            let program = ContainerProgram(state: try await connection.source.open())
            let local = try await program.local(container, command: ["exec"] + flags + [name, "--"] + command)
            try replaceProcess(with: ["podman", "exec"] + options + [local] + command)
        }
    }
}

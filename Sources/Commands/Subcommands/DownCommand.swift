internal import ArgumentParser
internal import ControlAPI

/// `wgctl down`
struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Take away everything on this host that is wgctl's own, and nothing else.",
        discussion: """
            Containers, networks, interfaces and routes that the daemon made are removed, and sysctls put back to what \
            they were. The key and the records stay. The daemon changes nothing more until it is restarted.

            EXAMPLES:
              wgctl down

            \(ExitStatus.help)
            """)

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            let removed = try await connection.client.down()
            Terminal.print(removed.map(\.printable))
            Terminal.note(removed.isEmpty ? "nothing of wgctl's was here" : "\(removed.count) removed or put back")
        }
    }
}

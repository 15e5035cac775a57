internal import ArgumentParser
internal import ControlAPI

/// `wgctl resync`
struct ResyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resync",
        abstract: "Have the daemon look at manifests, kernel and Podman again now.",
        discussion: """
            EXAMPLES:
              wgctl resync

            \(ExitStatus.help)
            """)

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure { try await connection.client.resync() }
    }
}

internal import ArgumentParser
internal import ControlAPI

/// `wgctl version`
struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show the version of this program and of the running daemon.",
        discussion: """
            EXAMPLES:
              wgctl version
              wgctl version --client
            """)

    @Flag(help: "This program's only.")
    var client = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        Terminal.print(["wgctl \(ProgramVersion.current)"])
        guard !client else { return }
        do {
            Terminal.print(["wgd   \(try await connection.client.summary().daemon.version)"])
        } catch ControlError.notRunning {
            Terminal.print(["wgd   not running"])
        } catch ControlError.otherRelease(_, let version) {
            Terminal.print(["wgd   \(version)"])
        } catch {
            Terminal.print(["wgd   unknown"])
            Terminal.note("warning: \("\(error)".printable)")
        }
    }
}

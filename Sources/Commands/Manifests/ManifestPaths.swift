internal import ArgumentParser
internal import Daemon
internal import Foundation

/// Which manifests a command reads: PATH, or `-f PATH` in kubectl's manner; without either, this host's.
struct ManifestPaths: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Files and directories; - is standard input. Without one: this host's manifest directory.",
            valueName: "path"),
        completion: .file(extensions: ["yaml", "yml"]))
    var paths: [String] = []

    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp("The same as PATH, as kubectl has it. Repeatable.", valueName: "path"),
        completion: .file(extensions: ["yaml", "yml"]))
    var filename: [String] = []

    /// What was named, else the manifest directory that wgd on this host has, or would have.
    func input() async throws -> ManifestInput {
        guard paths.isEmpty, filename.isEmpty else { return try ManifestInput(paths: paths + filename) }
        let directory = await HostSettings.ofThisHost().options.manifestDirectory
        do {
            return try ManifestInput(paths: [directory])
        } catch let failure as CommandFailure {
            throw CommandFailure(
                "\(failure.message) (this host's manifest directory; name a PATH to read others)", failure.status)
        }
    }
}

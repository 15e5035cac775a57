internal import ArgumentParser
internal import Foundation
internal import Glibc

/// One binary with two names: `wgd` is the daemon, every other name is `wgctl`.
public enum CommandLineProgram {
    /// Runs the command that the program's name and arguments ask for, and exits with its status when it fails.
    public static func main() async {
        let name = CommandLine.arguments.first.map { URL(fileURLWithPath: $0).lastPathComponent }
        let root: any AsyncParsableCommand.Type = name == "wgd" ? DaemonCommand.self : WgctlCommand.self
        let arguments = Array(CommandLine.arguments.dropFirst())
        if root == WgctlCommand.self, let mistake = CommandSuggestion.text(for: arguments) {
            Terminal.note("error: \(mistake)")
            exit(EX_USAGE)
        }
        await root.main(root == WgctlCommand.self ? JoinedOptions.split(arguments) : arguments)
    }
}

internal import ArgumentParser
internal import Foundation

/// One binary with two names: `wgd` is the daemon, every other name is `wgctl`.
public enum Program {
    /// Becomes pid 1 of a lab host when that is asked for, and otherwise returns.
    ///
    /// Called before the first `await`: a thread that the concurrency runtime makes would take signals that pid 1
    /// must get, and the kernel drops what an init process neither blocks nor handles.
    public static func becomeLabHostIfAsked() {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.starts(with: ["lab", "host-init"]) else { return }
        LabHostInitCommand.main(Array(arguments.dropFirst(2)))
    }

    /// Runs the command that the program's name and arguments ask for, and exits with its status when it fails.
    public static func main() async {
        let name = CommandLine.arguments.first.map { URL(fileURLWithPath: $0).lastPathComponent }
        let root: any AsyncParsableCommand.Type = name == "wgd" ? DaemonCommand.self : WgctlCommand.self
        await root.main(Array(CommandLine.arguments.dropFirst()))
    }
}

internal import ArgumentParser
internal import Lab

/// `wgctl lab host-init`: pid 1 of a lab host. Started by `lab up` alone.
struct LabHostInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host-init", abstract: "Run as pid 1 of a lab host.", shouldDisplay: false)

    @Argument(help: "The host's configuration.json.")
    var configuration: String

    func run() throws { try HostInit.run(configuration: configuration) }
}

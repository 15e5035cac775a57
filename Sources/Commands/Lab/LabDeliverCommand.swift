internal import ArgumentParser
internal import Lab

/// `wgctl lab deliver`: brings edits to a late host. Started by the host's pid 1 alone.
struct LabDeliverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliver", abstract: "Bring edits to a lab host, late.", shouldDisplay: false)

    @Argument(help: "The host's configuration.json.")
    var configuration: String

    func run() async throws { try await Delivery.run(configuration: configuration) }
}

internal import ArgumentParser
internal import Lab

/// `wgctl lab follow`: makes the hosts of Nodes that are added. Started by `lab up` alone.
struct LabFollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow", abstract: "Make the hosts of Nodes that are added to a lab.", shouldDisplay: false)

    @Argument(help: "The lab's name.")
    var name: String

    @Argument(help: "The folder of all labs.")
    var root: String

    func run() async throws {
        let printer = LabProgressPrinter(width: 3, isColoured: false)
        var follower = try LabFollower(Lab(name: name, root: root)) { printer.show($0) }
        try await follower.run()
    }
}

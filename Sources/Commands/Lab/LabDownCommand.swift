internal import ArgumentParser
internal import Lab

/// `wgctl lab down`.
struct LabDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Take a lab down and leave nothing of it behind.",
        discussion: "Also clears what a killed `wgctl lab up` left. Only what this lab made is touched.")

    @OptionGroup var lab: LabNameOption

    func run() async throws {
        try await lab.lab().down()
        print("lab \(lab.name) is down")
    }
}

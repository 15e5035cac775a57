internal import ArgumentParser
internal import Lab

/// `wgctl lab down`.
struct LabDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Take a lab down and leave nothing of it behind.",
        discussion: """
            Also clears what a killed `wgctl lab up` left. Only what this lab made is touched.

              wgctl lab down
              wgctl lab down --name two
              wgctl lab down --all
            """)

    @OptionGroup var lab: LabNameOption

    @Flag(help: "All labs of this machine.")
    var all = false

    func validate() throws {
        if all, lab.givenName != nil { throw ValidationError("--all and --name exclude each other") }
    }

    func run() async throws {
        guard all else { return try await reportingLabFailure { try await down(lab.lab()) } }
        var failures: [any Error] = []
        let names = Lab.names()
        if names.isEmpty { Terminal.note("no labs in \(Lab.defaultRoot)") }
        for name in names {
            do { try await down(try Lab(name: name)) } catch { failures.append(error) }
        }
        for failure in failures { Terminal.note("error: \(failure)".printable) }
        if !failures.isEmpty { throw ExitStatus.failure }
    }

    private func down(_ lab: Lab) async throws {
        try await lab.down()
        Terminal.print(["lab \(lab.name) is down"])
    }
}

internal import ArgumentParser
internal import ControlAPI
internal import Lab

/// `wgctl lab list`.
struct LabListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the labs of this machine.",
        discussion: """
            HOSTS is how many of a lab's hosts run, of how many. A lab that does not run was
            left behind by a `wgctl lab up` that was killed, or by a reboot: `wgctl lab down`
            clears it.
            """,
        aliases: ["ls"])

    func run() {
        let labs = Lab.all()
        guard !labs.isEmpty else { return Terminal.note("no labs in \(Lab.defaultRoot)") }
        let rows = labs.map { lab in
            [
                Cell(lab.name), Cell("\(lab.running)/\(lab.hosts)", lab.running == lab.hosts ? .plain : .bad),
                Cell(lab.manifests ?? "-"),
            ]
        }
        Terminal.print(
            Table(columns: ["NAME", "HOSTS", "MANIFESTS"], rows: rows).lines(isColoured: Terminal.isColoured))
    }
}

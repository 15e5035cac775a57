internal import ArgumentParser
internal import Foundation

/// `wgctl describe`
struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show all of one object: its spec, conditions and events.",
        discussion: """
            EXAMPLES:
              wgctl describe node host-a
              wgctl describe container/pod-a
              wgctl describe overlays

            \(ExitStatus.help)
            """)

    @Argument(
        help: ArgumentHelp("KIND [NAME…], or KIND/NAME…", valueName: "what"),
        completion: ObjectCompletion.kind)
    var what: [String]

    @Option(name: .shortAndLong, help: "Only objects with these labels.")
    var labels: String?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            let query = try Query(words: what, labels: labels)
            guard !query.wantsEvents else { throw CommandFailure("events have no description; see wgctl events") }
            let snapshot = try await connection.source.snapshot(wantsEvents: true)
            if let remark = snapshot.remark { Terminal.note(remark) }
            let now = Date()
            let listings = try query.listings(snapshot.report, events: [], now: now)
            let texts = listings.flatMap { listing in
                listing.objects.map { object in
                    Description.text(
                        of: object, in: listing, report: snapshot.report, events: snapshot.events, now: now)
                }
            }
            Terminal.print(text: texts.joined(separator: "\n\n"))
            if let missing = query.missing(in: listings) { throw CommandFailure(missing) }
            if texts.isEmpty { Terminal.note("No resources found") }
        }
    }
}

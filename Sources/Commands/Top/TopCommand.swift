internal import ArgumentParser
internal import ControlAPI
internal import Foundation
internal import JSON

/// `wgctl top`
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show the traffic of every peer, the busiest first, again and again.",
        discussion: """
            wgd reads the counters of its WireGuard devices for it, once a second at most. On a terminal the table \
            is drawn in place until Ctrl-C; otherwise, and with --batch, tables follow each other.

            EXAMPLES:
              wgctl top
              wgctl top --sort tx --interval 5
              wgctl top --once
              wgctl top --batch -n 60 >traffic.txt
              wgctl top --once -o json | jq '.peers[0].node'

            \(ExitStatus.help)
            """)

    @Option(help: ArgumentHelp("The time between two tables, at least 1.", valueName: "seconds"))
    var interval = 1.0

    @Option(name: [.customShort("n"), .long], help: "Stop after so many tables.")
    var iterations: Int?

    @Flag(help: "One table: as -n 1.")
    var once = false

    @Flag(name: .shortAndLong, help: "Do not redraw: one table after the other.")
    var batch = false

    @Option(help: "rate (both directions), rx, tx, total (bytes since the device stands) or node.")
    var sort: TrafficSample.Order = .rate

    @Option(name: .shortAndLong, help: "text, or json: one document a table.")
    var output: Format = .text

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (1...86400).contains(interval) else {
            throw ValidationError("--interval \(interval): 1 to 86400 seconds; wgd reads no more often")
        }
        if let iterations, iterations < 1 { throw ValidationError("-n \(iterations): at least 1") }
    }

    func run() async throws {
        try await reportingFailure {
            let client = connection.client
            let isRedrawn = output == .text && !batch && !once && Terminal.size != nil
            var last = try await client.traffic()
            var count = 0
            while !once || count == 0, iterations.map({ count < $0 }) ?? true {
                try await Task.sleep(for: .seconds(interval))
                let next = try await Self.newer(than: last, from: client)
                let sample = TrafficSample(from: last, to: next, by: sort)
                last = next
                switch output {
                case .json: Terminal.print(text: try Rendering.text(try JSONValue(encoding: sample), .json))
                case .text where isRedrawn: Terminal.redraw(sample.lines(), isFirst: count == 0)
                case .text: Terminal.print((count == 0 ? [] : [""]) + sample.lines())
                }
                count += 1
            }
        }
    }

    /// Others may have asked just now, and then the daemon answers what it read for them.
    private static func newer(than last: TrafficReport, from client: ControlClient) async throws -> TrafficReport {
        while true {
            let next = try await client.traffic()
            // Earlier, when the clock was set back: that table has no rates.
            if next.readAt != last.readAt { return next }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

extension TrafficSample.Order: ExpressibleByArgument {}

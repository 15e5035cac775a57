import ControlAPI
import Foundation
import ReferenceLiterals
import Resources
import TestSupport
import Testing

@testable import Commands

/// What every command prints of one fleet, byte for byte.
struct GoldenTests {
    private func get(_ words: String..., labels: String? = nil, rendering: Rendering = Rendering()) throws -> String {
        let query = try Query(words: words, labels: labels)
        var rendering = rendering
        rendering.isSingle = query.isSingle
        return try rendering.render(query.listings(try fleet(), events: fleetEvents(), now: now))
    }

    @Test(arguments: ListedKind.allCases.map(\.rawValue))
    func tables(_ kind: String) throws {
        try expectGolden(try get(kind), "Golden/get-\(kind).txt")
        try expectGolden(try get(kind, rendering: Rendering(format: .wide)), "Golden/get-\(kind)-wide.txt")
    }

    @Test func severalKindsAtOnce() throws {
        try expectGolden(try get("nodes,containers,peers"), "Golden/get-nodes,containers,peers.txt")
        try expectGolden(try get("all", rendering: Rendering(format: .name)), "Golden/get-all-name.txt")
    }

    @Test func objectsAsJSONAndYAML() throws {
        try expectGolden(try get("node", "host-a", rendering: Rendering(format: .yaml)), "Golden/get-node-host-a.yaml")
        try expectGolden(try get("node/host-a", rendering: Rendering(format: .json)), "Golden/get-node-host-a.json")
        try expectGolden(try get("peers,routes", rendering: Rendering(format: .yaml)), "Golden/get-peers,routes.yaml")
    }

    @Test func colourFollowsTheState() throws {
        let text = try get("nodes", rendering: Rendering(isColoured: true))
        #expect(text.contains("\u{1b}[32mTrue\u{1b}[0m") && text.contains("\u{1b}[31mFalse\u{1b}[0m"))
        #expect(!(try get("nodes")).contains("\u{1b}"))
    }

    @Test func selectorsAndNames() throws {
        let names = Rendering(format: .name)
        #expect(try get("nodes", labels: "site=b", rendering: names) == "node/host-b\n")
        #expect(try get("peers", labels: "site in (a,b)", rendering: names) == "peer/host-b\n")
        #expect(try get("co", labels: "app!=web", rendering: names) == "container/pod-b\n")
        #expect(try get("route/10.0.0.20/32", rendering: names) == "route/10.0.0.20/32\n")
        #expect(try get("nodes", "host-a", rendering: Rendering(showsHeaders: false)).hasPrefix("host-a   True"))
    }

    @Test(arguments: ["node host-a", "node host-c", "overlay overlay-net", "container pod-a", "peer host-b"])
    func descriptions(_ words: String) throws {
        let report = try fleet()
        let query = try Query(words: words.split(separator: " ").map(String.init), labels: nil)
        let listing = try #require(try query.listings(report, events: [], now: now).first)
        let object = try #require(listing.objects.first)
        let text = Description.text(of: object, in: listing, report: report, events: fleetEvents(), now: now)
        try expectGolden(text, "Golden/describe-\(words.replacing(" ", with: "-")).txt")
    }

    @Test func statusAndWarnings() throws {
        let report = try fleet()
        try expectGolden(
            StatusText.lines(report.summary, isRunning: true, now: now).joined(separator: "\n") + "\n",
            "Golden/status.txt")
        try expectGolden(report.warnings.joined(separator: "\n") + "\n", "Golden/warnings.txt")
    }

    @Test func aFileThatCannotBeReadIsSaidOnceNotForEachResourceInIt() throws {
        var report = try fleet()
        report.fileErrors = ["c.yaml:7:3: spec.lisenPort: unknown field; did you mean \"listenPort\"?"]
        #expect(report.warnings.count { $0.contains("c.yaml:7:3") } == 1)
        #expect(report.warnings.contains { $0.hasPrefix("warning: node/host-c: c.yaml:9:3") })
    }

    @Test func aWatchPrintsWhatChanged() throws {
        var report = try fleet()
        let query = try Query(words: ["containers,peers"], labels: nil)
        var printer = WatchPrinter(Rendering())
        func step() throws -> String {
            try printer.render(
                query.listings(report, events: [], now: now),
                steady: query.listings(report.recordable(), events: [], now: now))
        }
        var text = try step()
        report.peers[0].receivedBytes += 1000
        text += try step() + "(traffic alone is no change)\n"
        report.containers[1].state = "exited"
        text += try step() + "(pod-a has exited)\n"
        report.containers.removeFirst()
        text += try step() + "(pod-b is gone)\n"
        try expectGolden(text, "Golden/watch.txt")
    }
}

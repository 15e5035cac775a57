import ControlAPI
import Foundation
import Manifest
import ReferenceLiterals
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Commands

/// What every command prints of one fleet, byte for byte.
struct GoldenTests {
    private func get(
        _ words: String..., labels: String? = nil, fields: String? = nil, rendering: Rendering = Rendering()
    ) async throws -> String {
        let text = Mutex("")
        let state = OpenState(summary: try fleet().summary, origin: .recorded(try fleet()) { _ in fleetEvents() })
        let query = try Query(words: words, labels: labels, fields: fields)
        try await ObjectLister(
            query: query, rendering: rendering, state: state, print: { part in text.withLock { $0 += part } }, now: now
        ).run()
        return text.withLock { $0 }
    }

    @Test(arguments: ListedKind.allCases.map(\.rawValue))
    func tables(_ kind: String) async throws {
        try expectGolden(try await get(kind), "Golden/get-\(kind).txt")
        try expectGolden(try await get(kind, rendering: Rendering(format: .wide)), "Golden/get-\(kind)-wide.txt")
    }

    @Test func severalKindsAtOnce() async throws {
        try expectGolden(try await get("nodes,containers,peers"), "Golden/get-nodes,containers,peers.txt")
        try expectGolden(try await get("all", rendering: Rendering(format: .name)), "Golden/get-all-name.txt")
    }

    @Test func objectsAsJSONAndYAML() async throws {
        try expectGolden(
            try await get("node", "host-a", rendering: Rendering(format: .yaml)), "Golden/get-node-host-a.yaml")
        try expectGolden(
            try await get("node/host-a", rendering: Rendering(format: .json)), "Golden/get-node-host-a.json")
        try expectGolden(
            try await get("peers,routes", rendering: Rendering(format: .yaml)), "Golden/get-peers,routes.yaml")
    }

    /// `wgctl get -o yaml | wgctl validate -`: a list, with status and what is set by the daemon.
    @Test(arguments: ["nodes,overlays", "all"])
    func whatGetPrintsIsValid(_ kinds: String) async throws {
        let yaml = try await get(kinds, rendering: Rendering(format: .yaml))
        var acceptor = try Acceptor()
        let accepted = acceptor.accept(
            [ManifestFile(path: "<stdin>", contents: .bytes(Array(yaml.utf8)))], lastGood: [])
        // The third Node of this fleet has a mistake, and no spec to show.
        let errors = accepted.findings.filter { !$0.isWarning }
        #expect(
            errors.map { "\($0.resource?.description ?? ""): \($0.error.path) \($0.error.reason)" } == [
                "Node/host-c: spec is missing"
            ])
        #expect(accepted.live.nodes.map(\.metadata.name) == ["host-a", "host-b"])
        #expect(accepted.findings.count { $0.isWarning } == (kinds == "all" ? 3 : 0))
    }

    /// What this version does not serve is in the row of whoever asks for it, and in `wgctl status`.
    @Test func anUnservedGatewayIsNoWarningOfEveryGet() throws {
        var report = try fleet()
        report.gateways = [
            resource(
                .gateway, "exit", json: nil,
                conditions: [
                    condition(
                        .accepted, .false, Reason.unsupportedKind, "gw.yaml:2:1: kind: this version does not serve it")
                ])
        ]
        #expect(try report.summary.warningsBesideObjects == fleet().summary.warnings)
        #expect(report.summary.warnings.contains { $0.contains("gateway/exit: gw.yaml:2:1") })
        report.gateways[0].status.conditions[0].reason = Reason.invalid
        #expect(report.summary.warningsBesideObjects.contains { $0.contains("gateway/exit: gw.yaml:2:1") })
    }

    @Test func pruneEndsWithWhatToDo() {
        let held = HeldDeletions(reasons: ["it deletes everything"], deletions: [Deletion(ResourceKey(.node, "a"))])
        #expect(
            PruneText.lines(held) == [
                "held: it deletes everything", "", "  - Node/a", "",
                "restore it in the manifests, or delete it: wgctl prune --confirm",
            ])
        #expect(PruneText.lines(held, isConfirming: true).last == "  - Node/a")
        #expect(PruneText.lines(HeldDeletions()).isEmpty)
    }

    @Test func colourFollowsTheState() async throws {
        let text = try await get("nodes", rendering: Rendering(isColoured: true))
        #expect(text.contains("\u{1b}[32mTrue\u{1b}[0m") && text.contains("\u{1b}[31mFalse\u{1b}[0m"))
        #expect(!(try await get("nodes")).contains("\u{1b}"))
    }

    @Test func selectorsAndNames() async throws {
        let names = Rendering(format: .name)
        #expect(try await get("nodes", labels: "site=b", rendering: names) == "node/host-b\n")
        #expect(try await get("peers", labels: "site in (a,b)", rendering: names) == "peer/overlay-net/host-b\n")
        #expect(try await get("co", labels: "app!=web", rendering: names) == "container/host-b/pod-b\n")
        #expect(try await get("route/10.0.0.20/32", rendering: names) == "route/10.0.0.20/32\n")
        #expect(try await get("nodes", "host-a", rendering: Rendering(showsHeaders: false)).hasPrefix("host-a   True"))
    }

    @Test(arguments: ["node host-a", "node host-c", "overlay overlay-net", "container pod-a", "peer host-b"])
    func descriptions(_ words: String) throws {
        let report = try fleet()
        let query = try #require(
            try Query(words: words.split(separator: " ").map(String.init), labels: nil).parts.first)
        let object = try #require(query.page(of: report.entries(query.kind)).objects.first)
        let field = object.kind == .overlays ? "overlay" : "node"
        let belongings =
            [.nodes, .overlays].contains(object.kind)
            ? try [ListedKind.containers, .peers].flatMap { kind in
                ObjectQuery(kind, fields: try FieldSelector("\(field)=\(object.name)", kind: kind))
                    .page(of: report.entries(kind)).objects
            } : []
        let names = ["\(object.kind.singular)/\(object.name)"] + (object.kind == .peers ? ["node/\(object.name)"] : [])
        let text = Description(object: object, belongings: belongings).text(
            events: fleetEvents().filter { names.contains("\($0.regarding)") }, now: now)
        try expectGolden(text, "Golden/describe-\(words.replacing(" ", with: "-")).txt")
    }

    @Test func statusAndWarnings() throws {
        let report = try fleet()
        try expectGolden(
            StatusText.lines(report.summary, isRunning: true, now: now).joined(separator: "\n") + "\n",
            "Golden/status.txt")
        try expectGolden(report.summary.warnings.joined(separator: "\n") + "\n", "Golden/warnings.txt")
    }

    @Test func aFileThatCannotBeReadIsSaidOnceNotForEachResourceInIt() throws {
        var report = try fleet()
        report.fileErrors = ["c.yaml:7:3: spec.lisenPort: unknown field; did you mean \"listenPort\"?"]
        #expect(report.summary.warnings.count { $0.contains("c.yaml:7:3") } == 1)
        #expect(report.summary.warnings.contains { $0.hasPrefix("warning: node/host-c: c.yaml:9:3") })
    }

    @Test func aWatchPrintsWhatChanged() throws {
        var report = try fleet()
        var printer = WatchPrinter(Rendering(), prefixesNames: true)
        func rows(_ kind: ListedKind) -> [ObjectTable.Row] { report.entries(kind).all.map { $0.row(now: now) } }
        var text = ""
        for kind in [ListedKind.containers, .peers] {
            text += try printer.text(.columns(ObjectTable(kind)), of: kind)
            for row in rows(kind) { text += try printer.text(.added(.row(row)), of: kind) }
            text += try printer.text(.complete, of: kind)
        }
        report.containers[0].conditions = [condition(.ready, .false, Reason.crashLoopBackOff)]
        text += try printer.text(.modified(.row(rows(.containers)[1])), of: .containers) + "(pod-b crashes)\n"
        text += try printer.text(.deleted(rows(.containers)[0].key), of: .containers) + "(pod-a is gone)\n"
        try expectGolden(text, "Golden/watch.txt")
    }
}

import ArgumentParser
import ControlAPI
import Convergence
import Foundation
import Manifest
import ReferenceLiterals
import Resources
import Schema
import TestSupport
import Testing

@testable import Commands

/// What `validate`, `explain` and `diff` print, byte for byte.
struct OfflineGoldenTests {
    private func verdict(_ texts: [String: String]) throws -> Verdict {
        let files = texts.map { ManifestFile(path: $0.key, contents: .bytes(Array($0.value.utf8))) }
        var acceptor = try Acceptor()
        return Verdict(acceptor.accept(files, lastGood: []), fileCount: files.count)
    }

    private static let overlay = """
        apiVersion: wgctl.dev/v1alpha1
        kind: Overlay
        metadata: {name: overlay-net}
        spec: {subnets: [10.0.0.0/24]}

        """

    private static func node(_ name: String, _ spec: String) -> String {
        "apiVersion: wgctl.dev/v1alpha1\nkind: Node\nmetadata: {name: \(name)}\nspec:\n  \(spec)\n"
    }

    private static let bad = [
        "fleet/overlay.yaml": overlay,
        "fleet/a.yaml": node("host-a", "overlays: [{name: overlay-net, addresses: [10.0.0.1]}]"),
        "fleet/b.yaml": node("host-b", "overlays: [{name: overlay-net, addresses: [10.0.0.1]}]"),
        "fleet/c, 100%.yaml": node("host-c", "endpont: 192.168.1.30\n  overlays: []"),
        "fleet/d.yaml": node("host-d", "overlays: [{name: other-net, addresses: [10.0.0.4]}]"),
        "fleet/e.yaml": "a: [\n",
        "fleet/gateway.yaml": """
        apiVersion: wgctl.dev/v1alpha1
        kind: Gateway
        metadata: {name: gw}
        spec: {overlay: overlay-net, members: [{node: host-a, priority: 150, interface: eth0}]}

        """,
    ]

    @Test(arguments: VerdictFormat.allCases)
    func validateNamesEveryMistake(_ format: VerdictFormat) throws {
        let verdict = try verdict(Self.bad)
        #expect(!verdict.isValid && verdict.errors.count == 5 && verdict.findings.count == 6)
        try expectGolden(try verdict.render(format), "Golden/validate.\(format.rawValue)")
        #expect(verdict.summary == "5 mistakes in 7 files")
    }

    /// What is blocked or refused is not in force, though nothing is going to change.
    @Test func noChangesIsNotSaidToBeAllThatTheManifestsWant() throws {
        var report = DiffReport(node: "host-a")
        #expect(DiffText(report: report).conclusion == "No changes. host-a is as the manifests want it.")
        report.findings = try verdict(Self.bad).findings.filter(\.isWarning)
        #expect(report.isAsWanted && !report.findings.isEmpty)
        report.unserved = ["overlay net: its subnet overlaps this host's route"]
        #expect(!report.isAsWanted)
        report.unserved = []
        report.findings = try verdict(Self.bad).findings
        #expect(
            DiffText(report: report).conclusion == "No changes. Not everything in the manifests is in force: see above."
        )
    }

    @Test func whatWasNotComparedAndWhatIsBlockedIsNamed() throws {
        var report = DiffReport(node: "host-a")
        let node = ResourceKey(.node, "host-a")
        report.blocked = HeldDeletions(
            reasons: ["Node/host-a, which is this host, would be deleted"],
            deletions: [Deletion(node), Deletion(node, container: "web")])
        report.unknown = ["containers and Podman networks were not compared: no answer within 10 s"]
        #expect(!report.isEmpty && !report.isAsWanted)
        #expect(
            DiffText(report: report).lines == [
                "Deletions that wait until you confirm them with `wgctl prune --confirm`:", "",
                "    ! Node/host-a", "    ! container web of Node/host-a",
                "        # Node/host-a, which is this host, would be deleted", "",
                "Plan: 0 to add, 0 to change, 0 to remove. 2 deletions blocked.", "",
                "Not everything could be compared:", "",
                "    ? containers and Podman networks were not compared: no answer within 10 s",
            ])
        report.blocked = nil
        #expect(DiffText(report: report).lines.count == 3 && report.isEmpty)
        #expect(DiffText(report: report).conclusion == "No changes in what was compared, but not everything was.")
    }

    /// A report of a release that knows neither fields nor what is blocked.
    @Test func aReportOfAnOlderDaemonIsRead() throws {
        let text = """
            {"node": "host-a", "changes": [{"operation": "replace", "object": "container web", "detail": "image x",
             "regarding": "container/web"}], "held": [], "conflicts": [], "violations": [], "findings": [],
             "remarks": [], "unknown": []}
            """
        let report = try JSONDecoder().decode(DiffReport.self, from: Data(text.utf8))
        #expect(DiffText(report: report).lines.contains("  -/+ container web (image x)"))
    }

    @Test func validateIsSilentOnGoodManifests() throws {
        let good = try verdict([
            "overlay.yaml": Self.overlay,
            "a.yaml": Self.node("host-a", "overlays: [{name: overlay-net, addresses: [10.0.0.1]}]"),
        ])
        #expect(try good.render(.text) == "" && good.render(.github) == "")
        #expect(good.summary == "2 resources in 2 files are valid")
        #expect(try verdict(["o.yaml": Self.overlay]).summary == "1 resource in 1 file is valid")
    }

    /// As kubectl's users look for them.
    @Test(arguments: [
        ("pod", "node.spec.containers"), ("containers", "node.spec.containers"),
        ("po.image", "node.spec.containers.image"), ("pod.spec.env.name", "node.spec.containers.env.name"),
    ])
    func containersAreExplainedWhereTheyStand(_ word: String, _ field: String) throws {
        let catalog = try SchemaCatalog()
        let found = try FieldExplanation(word, in: catalog)
        #expect(try found.lines() == FieldExplanation(field, in: catalog).lines())
        #expect(found.remark?.hasSuffix("containers are described under node.spec.containers") == true)
        #expect(try FieldExplanation(field, in: catalog).remark == nil)
    }

    @Test(arguments: [
        "node", "node.spec.overlays", "node.metadata", "overlay.metadata.labels", "overlay.spec.wireguard",
    ])
    func explanations(_ field: String) throws {
        let lines = try FieldExplanation(field, in: try SchemaCatalog()).lines()
        try expectGolden(lines.joined(separator: "\n") + "\n", "Golden/explain-\(field).txt")
    }

    @Test func explainRecursively() throws {
        let lines = try FieldExplanation("overlays", in: try SchemaCatalog()).lines(isRecursive: true)
        try expectGolden(lines.joined(separator: "\n") + "\n", "Golden/explain-overlays-recursive.txt")
    }

    /// Examples and tables of a help text are copied, so that they must fit a terminal of 80 columns as they are.
    @Test func helpTextsAreNotWrapped() {
        var open: [any ParsableCommand.Type] = [WgctlCommand.self, DaemonCommand.self]
        var count = 0
        while let command = open.popLast() {
            open += command.configuration.subcommands
            for line in command.configuration.discussion.split(separator: "\n") where line.hasPrefix("  ") {
                count += 1
                #expect(line.count <= 80, "\(command): \(line)")
            }
        }
        #expect(count > 50)
    }

    /// As the parser's own errors begin, so do ours.
    @Test func errorsBeginAlike() {
        #expect(WgctlCommand.fullMessage(for: ValidationError("x"), columns: 80).hasPrefix("error: x\n"))
        #expect(DaemonCommand.fullMessage(for: ValidationError("x"), columns: 80).hasPrefix("error: x\n"))
    }

    @Test(arguments: ["no", "wgnode", "Node", "nodes", "ov.spec.subnets[]", "node.spec.overlays[].name", "gw"])
    func kindsGoByAnyOfTheirNames(_ field: String) throws {
        #expect(try !FieldExplanation(field, in: try SchemaCatalog()).lines().isEmpty)
    }

    @Test(arguments: [
        ("nodde", "no schema for \"nodde\"; did you mean \"node\"?"),
        ("peer", "no schema for \"peer\"; kinds: gateway, node, overlay"),
        ("pod.spec.imag", "node.spec.containers has no field \"imag\"; did you mean \"image\"?"),
        ("node.metadata.lables", "node.metadata has no field \"lables\"; did you mean \"labels\"?"),
        ("node.spec.overlay", "node.spec has no field \"overlay\"; did you mean \"overlays\"?"),
        ("node.spec.endpoint.x", "node.spec.endpoint has no field \"x\"; it is no object"),
        ("overlay.spec.zzzzzzz", "overlay.spec has no field \"zzzzzzz\"; it has subnets, wireguard, topology, network"),
    ])
    func explainSaysWhatIsMeant(_ field: String, _ message: String) throws {
        do {
            _ = try FieldExplanation(field, in: try SchemaCatalog())
            Issue.record("\(field) is explained")
        } catch let failure as CommandFailure {
            #expect(failure.message.hasPrefix(message), "\(failure.message)")
        }
    }

    static let differences = DiffReport(
        node: "host-a",
        changes: [
            .init(
                operation: .update, object: "peer host-b", detail: "dev wg0, +10.0.0.30/32", regarding: "node/host-b"),
            .init(
                operation: .create, object: "route 10.0.0.30/32", detail: "dev wg0 src 10.0.0.1 mtu 1420",
                regarding: "node/host-b"),
            .init(
                operation: .replace, object: "container pod-a",
                detail: "image docker.io/library/alpine:3.21, addresses 10.0.0.10", regarding: "container/pod-a",
                fields: [
                    .init("env.LANG", nil, "C"), .init("env.TZ", "Europe/Prague", "Europe/Vienna"),
                    .init("labels.tier", "test", nil),
                ]),
            .init(
                operation: .replace, object: "container api",
                detail: "image docker.io/library/alpine:3.21, addresses 10.1.0.10", regarding: "container/api",
                because: "network backend_net"),
            .init(
                operation: .replace, object: "network backend_net",
                detail: "10.1.0.0/24 gateway 10.1.0.1, bridge br-wg1, mtu 1300", regarding: "overlay/backend-net",
                fields: [.init("mtu", "1420", "1300")]),
            .init(
                operation: .delete, object: "container pod-x", detail: "stop timeout 10 s", regarding: "container/pod-x"
            ),
            .init(
                operation: .run, object: "pull image docker.io/library/nginx:1", detail: "for container web",
                regarding: "container/web"),
        ],
        held: [
            .init(
                operation: .create, object: "container web",
                detail: "image docker.io/library/nginx:1, addresses 10.0.0.11", regarding: "container/web",
                heldBy: "waiting for the image docker.io/library/nginx:1 to be pulled")
        ],
        conflicts: [.init(object: "container/db", message: "a Podman container db exists and is not ours")],
        violations: [
            .init(
                object: "container/probe",
                message: "host-a.yaml:21:26: spec.containers[3].securityContext.privileged: the host policy allows no "
                    + "privileged container, remove it, or allow it with spec.containers.privileged of the host policy")
        ])

    @Test func diffInTheWordsOfTerraform() throws {
        let text = DiffText(report: Self.differences)
        try expectGolden(text.lines.joined(separator: "\n") + "\n", "Golden/diff.txt")
        #expect(
            text.summary == [
                "Plan: 5 to add, 1 to change, 4 to remove (3 replaced). 1 conflict. 1 against the policy.",
                "Because of network backend_net, 1 container is replaced: api.",
            ])
        let coloured = DiffText(report: Self.differences, isColoured: true).lines.joined(separator: "\n")
        #expect(coloured.contains("\u{1b}[32m  +\u{1b}[0m route"))
        #expect(coloured.contains("\u{1b}[31m  -\u{1b}[0m container pod-x"))
        #expect(DiffText(report: DiffReport(node: "host-a")).lines.isEmpty)
    }
}

import ControlAPI
import Convergence
import Foundation
import Glibc
import JSON
import NetAddress
import Probes
import ReferenceLiterals
import TestSupport
import Testing

@testable import Commands

/// Which paths are probed, what is said of each, and how it looks.
struct CheckTests {
    private func places(_ selection: CheckSelection) throws -> [String] {
        try selection.paths(in: pathList()).map { "\($0.from) \($0.to) \($0.address) \($0.source)" }
    }

    // MARK: What is probed

    @Test func theHostAsksNodesAndContainersAskNodesAndContainers() throws {
        #expect(
            try places(CheckSelection()) == [
                "node/host-a node/host-b 10.0.0.2 10.0.0.1", "node/host-a node/host-c 10.0.0.3 10.0.0.1",
                "node/host-a node/host-d 10.0.0.4 10.0.0.1", "node/host-a node/laptop 10.0.0.5 10.0.0.1",
                "node/host-a node/host-b fd00::2 fd00::1", "container/pod-a node/host-b 10.0.0.2 10.0.0.10",
                "container/pod-a container/pod-b 10.0.0.20 10.0.0.10",
                "container/pod-a node/host-c 10.0.0.3 10.0.0.10", "container/pod-a node/host-d 10.0.0.4 10.0.0.10",
                "container/pod-a node/laptop 10.0.0.5 10.0.0.10",
            ])
    }

    @Test func namesNarrowItDown() throws {
        #expect(
            try places(CheckSelection(nodes: ["host-b"], origins: ["container/pod-a"])) == [
                "container/pod-a node/host-b 10.0.0.2 10.0.0.10",
                "container/pod-a container/pod-b 10.0.0.20 10.0.0.10",
            ])
        #expect(
            try places(CheckSelection(overlays: ["six"], origins: ["host", "containers"]))
                == ["node/host-a node/host-b fd00::2 fd00::1"])
    }

    @Test(arguments: [
        (CheckSelection(nodes: ["host-x"]), "no other node called \"host-x\""),
        (CheckSelection(overlays: ["host-b"]), "no overlay called \"host-b\""),
        (CheckSelection(origins: ["pod-y"]), "no container called \"pod-y\""),
    ])
    func aNameThatNothingHasIsAnError(_ selection: CheckSelection, _ expected: String) {
        let failure = #expect(throws: CommandFailure.self) { try selection.paths(in: pathList()) }
        #expect(failure?.message.contains(expected) == true)
    }

    @Test(arguments: [
        (CheckSelection(), true), (CheckSelection(origins: ["pod-x"]), true),
        (CheckSelection(origins: ["host"]), false),
        (CheckSelection(origins: ["pod-a"]), false), (CheckSelection(overlays: ["six"]), false),
    ])
    func aContainerThatDoesNotRunIsAFailureOfAskingFromIt(_ selection: CheckSelection, _ isAsked: Bool) throws {
        let problems = selection.unprobed(in: try pathList())
        #expect(problems == (isAsked ? ["container/pod-x does not run: nothing was probed from it"] : []))
        _ = try selection.paths(in: pathList())
    }

    // MARK: What is said

    private func verdict(
        from: String = "node/host-a", to: String, _ measured: PathProbe.Measurement, before: TrafficReport.Peer? = nil,
        after: TrafficReport.Peer?, toleratedLoss: Int = 0, hostReachesNode: Bool? = nil,
        originReachesNode: Bool? = nil
    ) throws -> PathResult {
        let paths = try CheckSelection().paths(in: pathList())
        let path = try #require(paths.first { "\($0.from)" == from && "\($0.to)" == to })
        return PathVerdict(
            path: path, measured: measured, before: before, after: after, readAt: now.timeIntervalSince1970,
            toleratedLoss: toleratedLoss, hostReachesNode: hostReachesNode, originReachesNode: originReachesNode
        ).result()
    }

    @Test func aNodeWithoutAKeyFailsWithItsReason() throws {
        var list = try pathList()
        list.peers[0].keyMissing = "Node host-b has no publicKey yet"
        let path = try #require(try CheckSelection(nodes: ["host-b"]).paths(in: list).first)
        let result = PathVerdict(
            path: path, measured: .init(), before: nil, after: nil, readAt: 0, toleratedLoss: 0
        ).result()
        #expect(result.result.rawValue == "PublicKeyMissing" && result.message == list.peers[0].keyMissing)
        let report = CheckReport(node: "host-a", paths: [result], problems: [], remarks: [], requiresPath: false)
        #expect(!report.isGood && report.summary.failed == 1)
    }

    @Test func lossIsToleratedUpToWhatIsAskedFor() throws {
        var measured = healthy()
        measured.roundTrips.removeLast()
        for (tolerated, expected) in [(0, PathResult.Outcome.packetLoss), (33, .packetLoss), (34, .ok)] {
            let result = try verdict(
                to: "node/host-b", measured, after: counters("host-b"), toleratedLoss: tolerated)
            #expect(result.result == expected)
        }
    }

    @Test func silenceIsReadByWhatElseIsKnown() throws {
        func silence(
            from: String = "node/host-a", to: String = "node/host-b", before: UInt64 = 1000,
            after: TrafficReport.Peer?, host: Bool? = nil, origin: Bool? = nil
        ) throws -> (PathResult.Outcome, String) {
            let result = try verdict(
                from: from, to: to, silent(), before: counters("host-b", received: before), after: after,
                hostReachesNode: host, originReachesNode: origin)
            return (result.result, result.message ?? "")
        }
        let noPeer = try silence(after: nil)
        #expect(noPeer.0 == .noHandshake && noPeer.1.contains("wg0 has no peer host-b"))
        let never = try silence(after: counters("host-b", handshake: nil))
        #expect(never.0 == .noHandshake && never.1.contains("no handshake with host-b at 192.168.1.20:51820"))
        let stale = try silence(after: counters("host-b", handshake: 181))
        #expect(stale.0 == .noHandshake)
        let name = try silence(to: "node/host-c", after: counters("host-c", endpoint: nil, handshake: nil))
        #expect(name.1.contains("vpn.example.org:51820, does not resolve"))
        let dials = try silence(to: "node/host-d", after: counters("host-d", endpoint: nil, handshake: nil))
        #expect(dials.1.contains("must dial") && dials.1.contains("port 51820 of this host"))
        let cut = try silence(after: counters("host-b", handshake: 179))
        #expect(cut.0 == .noReply && cut.1.contains("whether UDP still passes"))
        let filtered = try silence(before: 900, after: counters("host-b"))
        #expect(filtered.0 == .noReply && filtered.1.contains("packets of host-b arrive (handshake 3s ago)"))
        let bridge = try silence(from: "container/pod-a", after: counters("host-b"), host: true)
        #expect(bridge.0 == .noReply && bridge.1.contains("this host reaches host-b, but container/pod-a does not"))
        let container = try silence(
            from: "container/pod-a", to: "container/pod-b", after: counters("host-b"), host: true, origin: true)
        #expect(container.1.contains("host-b answers, but container/pod-b does not"))
    }

    // MARK: How it looks

    /// One path of each kind.
    static func report(requiresPath: Bool = false) throws -> CheckReport {
        let paths = try CheckSelection().paths(in: pathList())
        func unreachable() -> PathProbe.Measurement {
            var measurement = PathProbe.Measurement()
            measurement.error = .notSent(what: "echo request to 10.0.0.4", code: ENOKEY)
            return measurement
        }
        func short(_ carried: Int?) -> PathProbe.Measurement {
            var measurement = healthy()
            measurement.mtu = .init(promised: 1420, carried: carried)
            return measurement
        }
        func lossy() -> PathProbe.Measurement {
            var measurement = healthy()
            measurement.roundTrips.removeLast()
            return measurement
        }
        let measured: [PathProbe.Measurement] = [
            healthy(), silent(), unreachable(), .init(), healthy(), lossy(), silent(), short(1376), short(nil), .init(),
        ]
        let results = zip(paths, measured).map { path, measured in
            let node = path.peer.node
            let peer =
                node == "host-c" && path.from.kind == .node
                ? counters(node, endpoint: nil, handshake: nil) : counters(node)
            return PathVerdict(
                path: path, measured: measured, before: peer, after: peer, readAt: now.timeIntervalSince1970,
                toleratedLoss: 0, hostReachesNode: true, originReachesNode: path.to.kind == .container
            ).result()
        }
        return CheckReport(
            node: "host-a", paths: results.shuffled(),
            problems: ["overlay lan overlaps this host's route 10.2.0.0/24 dev eth0"], remarks: [],
            requiresPath: requiresPath)
    }

    @Test func tables() throws {
        for (isWide, name) in [(false, "check.txt"), (true, "check-wide.txt")] {
            let text = CheckText(report: try Self.report(), isWide: isWide)
            try expectGolden(text.lines(now: now).map { $0 + "\n" }.joined(), "Golden/\(name)")
        }
        try expectGolden(
            try Rendering.text(try JSONValue(encoding: try Self.report(requiresPath: true)), .json), "Golden/check.json"
        )
    }

    @Test func theMatrixOfALabShowsTheWorstOfEachPair() throws {
        let hostA = try Self.report()
        var hostB = CheckReport(
            node: "host-b", paths: hostA.paths.filter { $0.result == .ok && $0.overlay == "overlay-net" },
            problems: [], remarks: [], requiresPath: false)
        for index in hostB.paths.indices {
            hostB.paths[index].node = "host-a"
            (hostB.paths[index].from, hostB.paths[index].to) = (.node("host-b"), .node("host-a"))
        }
        let lab = LabReport(
            lab: "lab",
            hosts: [
                "host-a": .init(report: hostA), "host-b": .init(report: hostB),
                "host-c": .init(error: "the host does not run"),
            ])
        #expect(!lab.isGood)
        #expect(LabReport(lab: "lab", hosts: ["host-b": .init(report: hostB)]).isGood)
        try expectGolden(
            LabReportText(lab: lab).lines(now: now).map { $0 + "\n" }.joined(), "Golden/lab-check.txt")
        let only = LabReportText(lab: LabReport(lab: "lab", hosts: ["host-b": .init(report: hostB)])).lines(now: now)
        #expect(only.last == "1 host, 1 path: 1 OK, 0 not.", "\(only)")
        let wide = LabReportText(lab: lab, isWide: true).lines(now: now)
        #expect(wide.contains { $0.hasPrefix("  node/host-b   node/host-a") })
    }

    @Test func manyFailuresAreToldInPart() throws {
        var report = try Self.report()
        let bad = try #require(report.paths.first { $0.result == .noReply })
        report.paths = (0..<50).map { number in
            var path = bad
            path.message = "reason \(number % 25)"
            return path
        }
        let complaints = CheckText(report: report).complaints
        #expect(complaints.count == 12 && complaints.last == "… and 30 more, all with -o json")
        #expect(complaints[1] == "container/pod-a -> container/pod-b (10.0.0.20) and 1 more: reason 0")
    }

    @Test func aProblemAloneIsAFailureAndNoPathIsOneWhenAskedFor() throws {
        func report(_ results: [PathResult], problems: [String] = [], requiresPath: Bool = false) -> Bool {
            CheckReport(
                node: "host-a", paths: results, problems: problems, remarks: [], requiresPath: requiresPath
            ).isGood
        }
        let all = try Self.report().paths
        let (good, noPath) = (all.filter { $0.result == .ok }, all.filter { $0.result == .noPath })
        #expect(report(good + noPath) && report([]))
        #expect(!report(good, problems: ["left out"]))
        #expect(!report(good + noPath, requiresPath: true))
    }
}

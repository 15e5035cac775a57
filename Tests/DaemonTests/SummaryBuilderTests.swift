import ControlAPI
import Convergence
import Foundation
import HostState
import Manifest
import NetAddress
import Resources
import Testing

@testable import Daemon

/// What is counted without a report agrees with the report.
@Suite struct SummaryBuilderTests {
    private let daemon = DaemonStatus(
        version: "1", pid: 1, startedAt: Date(timeIntervalSince1970: 0), manifests: "/m", socket: "/s")

    private func conditions(_ state: Facts) -> [ResourceReference: [Condition]] {
        Assessment(state: state, localNode: "host-a").conditions().mapValues { conditions in
            conditions.map {
                Condition(
                    type: $0.type, status: $0.status, reason: $0.reason, message: $0.message,
                    lastTransitionTime: Date(timeIntervalSince1970: 0), observedGeneration: 1)
            }
        }
    }

    private func acceptance(_ kind: Kind, _ name: String, reason: String) -> Acceptance {
        Acceptance(
            key: ResourceKey(kind, name), location: SourceLocation(file: "b.yaml", line: 1, column: 1),
            status: .false, reason: reason, message: "b.yaml:1:1: \(name)", generation: 0, json: nil)
    }

    /// One, as a manifest has it.
    private func containers() throws -> [Container] {
        let text = """
            apiVersion: wgctl.dev/v1alpha1
            kind: Overlay
            metadata: {name: net}
            spec: {subnets: [10.0.0.0/24]}
            ---
            apiVersion: wgctl.dev/v1alpha1
            kind: Node
            metadata: {name: host-a}
            spec:
              overlays: [{name: net, addresses: [10.0.0.1]}]
              containers: [{name: web, image: a, networks: [{overlay: net, addresses: [10.0.0.9]}]}]
            """
        var acceptor = try Acceptor()
        let accepted = acceptor.accept(
            [ManifestFile(path: "a.yaml", contents: .bytes(Array(text.utf8)))], lastGood: [])
        return try #require(accepted.live.nodes.first, "\(accepted.acceptances)").spec.containers
    }

    @Test func theSummaryIsThatOfTheReport() throws {
        var state = try healthy()
        state.accepted.acceptances += [
            acceptance(.gateway, "edge", reason: Reason.unsupportedKind),
            acceptance(.node, "host-z", reason: Reason.invalid), acceptance(.node, "host-c", reason: Reason.invalid),
            acceptance(.overlay, "gone", reason: Reason.pruneBlocked),
        ]
        state.accepted.acceptances.sort { $0.key < $1.key }
        state.accepted.fileErrors = ["b", "a"].map {
            FileError(location: SourceLocation(file: $0, line: 1, column: 1), message: $0)
        }
        let counters = Counters(reconciles: 3)
        let report = ReportBuilder(
            state: state, localNode: "host-a", conditions: conditions(state), ownPublicKey: nil
        ).report(daemon: daemon, counters: counters)
        let summary = SummaryBuilder(state: state, localNode: "host-a").summary(
            daemon: daemon, counters: counters, conditions: conditions(state))
        #expect(summary == report.summary)
        #expect(summary.peers?.total == 1 && summary.containers?.total == 0)
        #expect(summary.refused.map(\.key.name) == ["host-c", "host-z", "edge"])
    }

    @Test func metricsCountResourcesAndTraffic() throws {
        var state = try healthy()
        let containers = try containers()
        for index in state.accepted.live.nodes.indices {
            state.accepted.live.nodes[index].spec.containers = containers
        }
        let peer = try #require(state.desired.kernel.devices.first?.peers.first)
        state.kernel?.devices["wg0"]?.peers[peer.publicKey]?.receivedBytes = 5
        state.kernel?.devices["wg0"]?.peers[peer.publicKey]?.transmittedBytes = 7
        state.probes = [:]
        let builder = SummaryBuilder(state: state, localNode: "host-a")
        let metrics = builder.metrics(
            builder.summary(daemon: daemon, counters: Counters(), conditions: conditions(state)),
            conditions: conditions(state))
        #expect(
            metrics.resources == [
                .init(kind: "Node", ready: .true): 1, .init(kind: "Node", ready: .unknown): 1,
                .init(kind: "Overlay", ready: .true): 1, .init(kind: "Container", ready: .unknown): 1,
            ])
        #expect(
            metrics.peers == [.init(node: "host-b", overlay: "net", receivedBytes: 5, transmittedBytes: 7)])
        #expect(metrics.containers.isEmpty, "it does not exist")
    }

    /// Those of `get peers` and `get containers`.
    @Test func metricsOfAPeerAndAContainerAreThoseOfTheReport() throws {
        var state = try healthy()
        let containers = try containers()
        for index in state.accepted.live.nodes.indices {
            state.accepted.live.nodes[index].spec.containers = containers
        }
        state.inventory.containers["web"] = .init(id: "c1")
        state.inventory.containers["web"]?.starts = 3
        var web = ObservedContainer(id: "c1", name: "web", image: "a", state: .running)
        web.restartCount = 3
        var podman = ObservedPodman()
        podman.containers["web"] = web
        state.podman = .observed(podman)
        let device = try #require(state.desired.kernel.devices.first)
        let peer = try #require(device.peers.first)
        state.kernel?.devices["wg0"]?.peers[peer.publicKey]?.latestHandshake = 1_700_000_000
        let time = Date(timeIntervalSince1970: 1_700_000_010)
        var probe = PeerProbe(at: .now, time: time)
        probe.noteMiss()
        probe.note(.answered(microseconds: 400), at: .now)
        state.probes = [PeerKey(overlay: "net", node: "host-b"): probe]
        let builder = SummaryBuilder(state: state, localNode: "host-a")
        let metrics = builder.metrics(
            builder.summary(daemon: daemon, counters: Counters(), conditions: conditions(state)),
            conditions: conditions(state))
        var expected = HostMetrics.Peer(node: "host-b", overlay: "net", receivedBytes: 0, transmittedBytes: 0)
        (expected.ready, expected.latestHandshake, expected.roundTrip) = (.true, 1_700_000_000, 0.0004)
        (expected.lastProbe, expected.probes, expected.lostProbes) = (1_700_000_010, 2, 1)
        #expect(metrics.peers == [expected])
        #expect(metrics.containers == [.init(name: "web", restarts: 5)])
        let report = ReportBuilder(
            state: state, localNode: "host-a", conditions: conditions(state), ownPublicKey: nil
        ).report(daemon: daemon, counters: Counters())
        #expect(report.peers.map(\.lastProbeTime) == [time] && report.peers.map(\.lastRoundTrip) == [0.0004])
        #expect(report.peers.map(\.ready) == [.true])
        #expect(report.containers.filter(\.isLocal).map(\.restarts) == [5])
    }
}

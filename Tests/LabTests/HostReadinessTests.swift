import ControlAPI
import Foundation
import Lab
import NetAddress
import Resources
import Testing

@Suite struct HostReadinessTests {
    private func condition(
        _ type: Condition.ConditionType, _ status: Condition.Status, _ reason: String, _ message: String = ""
    ) -> Condition {
        Condition(
            type: type, status: status, reason: reason, message: message,
            lastTransitionTime: Date(timeIntervalSince1970: 0), observedGeneration: 1)
    }

    private func report(
        conditions: [Condition], container: [Condition]? = nil, peer: (Condition.Status, String)? = nil
    ) throws -> StatusReport {
        var report = StatusReport(
            node: "a",
            daemon: DaemonStatus(
                version: "1", pid: 1, startedAt: Date(timeIntervalSince1970: 0), manifests: "/m", socket: "/s"))
        report.nodes = [
            ResourceReport(
                kind: .node, metadata: .init(name: "a", generation: 1), spec: nil,
                status: .init(observedGeneration: 1, conditions: conditions))
        ]
        if let container {
            report.containers = [
                ContainerReport(
                    name: "pod-a", node: "a", image: "i", addresses: [], isLocal: true, conditions: container)
            ]
        }
        if let peer {
            let key = try #require(PublicKey(bytes: [UInt8](repeating: 7, count: 32)))
            report.peers = [
                PeerReport(node: "b", overlay: "o", interface: "wg0", publicKey: key, ready: peer.0, reason: peer.1)
            ]
        }
        return report
    }

    private var ready: [Condition] { [condition(.accepted, .true, "Accepted"), condition(.ready, .true, "Ready")] }

    @Test func `ready when the node, its containers and its peers are`() throws {
        let report = try report(conditions: ready, container: ready, peer: (.true, Reason.ready))
        #expect(HostReadiness(report) == .ready(note: nil))
    }

    @Test func `a container that is pulled is waited for, with its reason`() throws {
        let pulling = [
            condition(.programmed, .false, "Pulling", "12 MiB of 40"), condition(.ready, .false, "NotReady"),
        ]
        #expect(
            HostReadiness(try report(conditions: ready, container: pulling))
                == .waiting("container pod-a: Pulling: 12 MiB of 40"))
    }

    @Test func `a silent peer is waited for`() throws {
        #expect(
            HostReadiness(try report(conditions: ready, peer: (.false, Reason.noReply)))
                == .waiting("peer b in o: NoReply"))
    }

    @Test func `two nodes behind NAT never meet, which is told and not waited for`() throws {
        #expect(
            HostReadiness(try report(conditions: ready, peer: (.false, Reason.noPath)))
                == .ready(note: "no path to b: neither has an endpoint"))
    }

    @Test func `a refused manifest is a failure with its place`() throws {
        let refused = [condition(.accepted, .false, Reason.invalid, "node.yaml:3:5: spec.lisenPort: unknown field")]
        #expect(
            HostReadiness(try report(conditions: refused))
                == .failed("Invalid: node.yaml:3:5: spec.lisenPort: unknown field"))
    }

    @Test func `before the first snapshot nothing is said about the manifests`() throws {
        var report = try report(conditions: ready)
        report.node = "b"
        #expect(HostReadiness(report) == .waiting("wgd has not accepted node b yet"))
        report.daemon.paused = "the directory cannot be read"
        #expect(HostReadiness(report) == .waiting("the directory cannot be read"))
    }

    @Test func `no word yet is not ready`() throws {
        #expect(HostReadiness(try report(conditions: [])) == .waiting("Pending"))
    }
}

import ControlAPI
import Foundation
import Glibc
import NetAddress
import ReferenceLiterals
import Resources
import Testing

@testable import Commands

/// 2026-11-23T01:00:00Z: now, for every golden text.
let now = Date(timeIntervalSince1970: 1_795_395_600)

func ago(_ seconds: Double) -> Date { now.addingTimeInterval(-seconds) }

func condition(
    _ type: Condition.ConditionType, _ status: Condition.Status, _ reason: String, _ message: String = "",
    since seconds: Double = 192
) -> Condition {
    Condition(
        type: type, status: status, reason: reason, message: message, lastTransitionTime: ago(seconds),
        observedGeneration: 1)
}

let allGood = [
    condition(.accepted, .true, Reason.accepted), condition(.programmed, .true, Reason.programmed),
    condition(.ready, .true, Reason.ready),
]

/// The two hosts of `manifests/two-hosts/` as host-a sees them, and a third whose document is broken.
func fleet() throws -> StatusReport {
    let key = try #require(PublicKey(bytes: [UInt8](repeating: 7, count: 32)))
    let hostA = resource(
        .node, "host-a",
        json: """
            {"metadata":{"labels":{"site":"a"}},"spec":{"containers":[{"image":"docker.io/library/alpine:3.20",
            "name":"pod-a"}],"endpoint":"192.168.1.10","overlays":[{"addresses":["10.0.0.1"],"name":"overlay-net"}]}}
            """, conditions: allGood, isLocal: true, publicKey: key)
    let hostB = resource(
        .node, "host-b",
        json: """
            {"metadata":{"labels":{"site":"b"}},"spec":{"endpoint":"192.168.1.20","unschedulable":true,
            "overlays":[{"addresses":["10.0.0.2"],"name":"overlay-net"}]}}
            """,
        conditions: [allGood[0], allGood[1], condition(.ready, .false, Reason.noReply, "no answer for 12 s")],
        publicKey: key)
    let broken = resource(
        .node, "host-c", json: nil,
        conditions: [
            condition(
                .accepted, .false, Reason.invalid,
                "c.yaml:7:3: spec.lisenPort: unknown field; did you mean \"listenPort\"?\nc.yaml:9:3: spec.x: unknown field"
            )
        ])
    var overlay = resource(
        .overlay, "overlay-net",
        json: """
            {"spec":{"network":{"dns":false,"name":"overlay_net"},"subnets":["10.0.0.0/24"],
            "topology":{"type":"FullMesh"},"wireguard":{"backend":"Auto","interface":"wg0","listenPort":51820}}}
            """, conditions: allGood)
    overlay.status.backend = "Kernel"
    let podA = ContainerReport(
        name: "pod-a", node: "host-a", labels: ["app": "web"], image: "docker.io/library/alpine:3.20",
        overlays: ["overlay-net"], addresses: [try address("10.0.0.10")], isLocal: true, state: "running", restarts: 1,
        startedAt: ago(190), conditions: allGood)
    let podB = ContainerReport(
        name: "pod-b", node: "host-b", labels: ["app": "db"], image: "docker.io/library/alpine:3.20",
        overlays: ["overlay-net"], addresses: [try address("10.0.0.20")], isLocal: false)
    let peer = PeerReport(
        node: "host-b", overlay: "overlay-net", interface: "wg0", publicKey: key, endpoint: "192.168.1.20:51820",
        latestHandshake: ago(43), receivedBytes: 1536, transmittedBytes: 812,
        allowedIPs: [try #require(CIDR("10.0.0.20/32")), try #require(CIDR("10.0.0.2/32"))], ready: .false,
        reason: Reason.noReply, lastProbeTime: ago(17))
    let route = RouteReport(
        destination: try #require(CIDR("10.0.0.20/32")), interface: "wg0", overlay: "overlay-net", node: "host-b",
        source: try address("10.0.0.1"), protocolNumber: 87, state: Reason.programmed)
    return StatusReport(
        node: "host-a",
        daemon: DaemonStatus(
            version: "0.1.0", pid: 42, startedAt: ago(192), manifests: "/etc/wgctl/manifests",
            socket: "/run/wgctl/wgd.sock", policy: "/etc/wgctl/policy.yaml"),
        nodes: [hostB, hostA, broken], overlays: [overlay], containers: [podB, podA], peers: [peer], routes: [route],
        fileErrors: ["d.yaml:1:4: not YAML: mapping values are not allowed here"],
        counters: Counters(
            reconciles: 12, writes: ["firewall": 1, "kernel": 9, "podman": 2], errors: ["podman": 1],
            lastReconcile: ago(4),
            lastReconcileDuration: 0.0312))
}

func fleetEvents() -> [Event] {
    [
        Event(
            type: .normal, reason: "Created", message: "container pod-a", regarding: "container/pod-a",
            firstTimestamp: ago(190), lastTimestamp: ago(190)),
        Event(
            type: .warning, reason: "DriftRepaired", message: "route 10.0.0.20/32 was gone", regarding: "node/host-b",
            count: 3, firstTimestamp: ago(120), lastTimestamp: ago(12)),
    ]
}

func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

func resource(
    _ kind: Kind, _ name: String, json: String?, conditions: [Condition], isLocal: Bool? = nil,
    publicKey: PublicKey? = nil
) -> ResourceReport {
    let acceptance = Acceptance(
        key: ResourceKey(kind, name), location: Resources.SourceLocation(file: "\(name).yaml", line: 1, column: 1),
        status: json == nil ? .false : .true, reason: "", message: "", generation: json == nil ? 0 : 1, json: json)
    return ResourceReport(
        acceptance, conditions: conditions, creationTimestamp: json == nil ? nil : ago(192), isLocal: isLocal,
        publicKey: publicKey)
}

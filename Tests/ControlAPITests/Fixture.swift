import ControlAPI
import Convergence
import Descriptors
import Foundation
import Glibc
import NetAddress
import ReferenceLiterals
import Resources
import Synchronization
import TestSupport
import Testing

/// A daemon's place: a report and events that a test sets, and the commands that it counts.
final class Provider: ControlProvider {
    private struct State {
        var report: StatusReport
        var events: [Event] = []
        var key: PublicKey?
        var resyncs = 0
        var pages = 0
    }

    private let state: Mutex<State>
    /// What was asked of `diff`, and its answer.
    let diffs = Mutex<[DiffRequest]>([])
    let diffReport = Mutex(DiffReport(node: "host-a"))
    let held = Mutex(HeldDeletions())
    let broadcast = Broadcast<Void>()
    let downError: DownFailure?

    struct DownFailure: Error, CustomStringConvertible {
        var description: String
    }

    init(_ report: StatusReport, downError: DownFailure? = nil) {
        state = Mutex(State(report: report))
        self.downError = downError
    }

    var resyncs: Int { state.withLock(\.resyncs) }
    /// How often a page of objects was asked for.
    var pages: Int { state.withLock(\.pages) }
    func set(key: PublicKey) { state.withLock { $0.key = key } }

    func change(_ body: @Sendable (inout StatusReport, inout [Event]) -> Void) {
        state.withLock { body(&$0.report, &$0.events) }
        broadcast.send()
    }

    func objects(_ query: ObjectQuery) async throws -> ObjectPage {
        state.withLock { state in
            state.pages += 1
            return query.page(of: state.report.entries(query.kind))
        }
    }

    func summary() async -> StatusSummary { state.withLock(\.report.summary) }

    func metrics() async -> HostMetrics { HostMetrics(summary: await summary()) }

    func events(for object: String?, since: Date?) async throws -> [Event] {
        state.withLock { state in
            state.events.filter {
                (object == nil || $0.regarding.description == object) && $0.lastTimestamp >= since ?? .distantPast
            }
        }
    }

    func changes() -> AsyncStream<Void> { broadcast.stream() }

    func resync() async { state.withLock { $0.resyncs += 1 } }

    func down() async throws -> [String] {
        if let downError { throw downError }
        return ["container/pod-a", "link/wg0"]
    }

    func diff(_ request: DiffRequest) async throws -> DiffReport {
        diffs.withLock { $0.append(request) }
        return diffReport.withLock { $0 }
    }

    func heldDeletions() async -> HeldDeletions { held.withLock { $0 } }

    func prune(_ deletions: [Deletion]) async throws {
        try held.withLock { held in
            guard held.deletions == deletions else { throw DownFailure(description: "others are held") }
            held = HeldDeletions()
        }
    }

    func adopt(from old: String, to new: String?) async throws -> String {
        guard old == "host-a" else { throw AdoptionRefused() }
        return new ?? "host-aa"
    }

    struct AdoptionRefused: Error, CustomStringConvertible { var description: String { "not what this host serves" } }

    func paths() async -> PathList {
        PathList(node: "host-a", overlays: [.init(name: "net", interface: "wg0", listenPort: 51820, addresses: [])])
    }

    func traffic() async -> TrafficReport {
        TrafficReport(
            node: "host-a", readAt: 1000.25,
            peers: [.init(node: "host-b", overlay: "net", interface: "wg0", receivedBytes: .max)])
    }

    func publicKey() async -> PublicKey? { state.withLock(\.key) }
}

/// Runs a real server on a socket of its own while the body runs.
func withServer(_ provider: Provider, group: UInt32? = nil, _ body: (ControlClient, String) async throws -> Void)
    async throws
{
    let directory = temporaryPath("control")
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/wgd.sock"
    let (listening, ready) = AsyncStream<Void>.makeStream()
    let server = Task {
        try await ControlServer(socketPath: path, group: group, provider: provider).run { ready.finish() }
    }
    for await _ in listening {}
    do {
        try await body(ControlClient(socketPath: path), path)
    } catch {
        server.cancel()
        _ = await server.result
        throw error
    }
    server.cancel()
    try await server.value
}

func at(_ seconds: Double) -> Date { Date(timeIntervalSince1970: seconds) }

func sampleReport() throws -> StatusReport {
    let key = try #require(PublicKey(bytes: [UInt8](repeating: 7, count: 32)))
    let acceptance = Acceptance(
        key: ResourceKey(.node, "host-a"), location: SourceLocation(file: "a.yaml", line: 1, column: 1),
        status: .true, reason: Reason.accepted, message: "", generation: 3,
        json: #"{"metadata":{"labels":{"site":"a"},"name":"host-a"},"spec":{"endpoint":"192.168.1.10"}}"#)
    let ready = Condition(
        type: .ready, status: .true, reason: Reason.ready, message: "", lastTransitionTime: at(1000),
        observedGeneration: 3)
    let peer = PeerReport(
        node: "host-b", overlay: "overlay-net", interface: "wg0", publicKey: key, endpoint: "192.168.1.20:51820",
        latestHandshake: at(2000), receivedBytes: 10, transmittedBytes: 20,
        allowedIPs: [try #require(CIDR("10.0.0.2/32"))], ready: .true, reason: Reason.ready, lastRoundTrip: 0.001)
    return StatusReport(
        node: "host-a",
        daemon: DaemonStatus(
            version: "0.1.0", pid: 42, startedAt: at(900), manifests: "/etc/wgctl/manifests", socket: "/run/x.sock"),
        nodes: [ResourceReport(acceptance, conditions: [ready], isLocal: true, publicKey: key)], peers: [peer],
        counters: Counters(reconciles: 5, writes: ["podman": 2, "kernel": 9], errors: ["podman": 1]))
}

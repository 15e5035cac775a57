import ControlAPI
import Convergence
import Descriptors
import Foundation
import NetAddress
import ReferenceLiterals
import Resources
import Synchronization
import TestSupport
import Testing

/// A daemon for the client's sake: a report that a test sets.
final class DaemonDouble: ControlProvider {
    private struct State {
        var report: StatusReport
        var resyncs = 0
        var pages = 0
        var adoptions = 0
    }

    private let state: Mutex<State>
    /// What was asked of `diff`, and its answer.
    let diffs = Mutex<[DiffRequest]>([])
    let diffReport = Mutex(DiffReport(node: "host-a"))
    let held = Mutex(HeldDeletions())
    private let recorded: [Event]
    private let broadcast = Broadcast<Void>()

    init(_ report: StatusReport, events: [Event]) {
        state = Mutex(State(report: report))
        recorded = events
    }

    var adoptions: Int { state.withLock(\.adoptions) }
    var resyncs: Int { state.withLock(\.resyncs) }

    func change(_ body: @Sendable (inout StatusReport) -> Void) {
        state.withLock { body(&$0.report) }
        broadcast.send()
    }

    /// Ends every watch, as a daemon that stops.
    func end() { broadcast.finish() }

    /// Until a watch has read its first page: it subscribed before that.
    func waitForWatcher() async throws {
        try await waitUntil("a page is read", seconds: 20) { state.withLock(\.pages) > 0 }
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
        recorded.filter { object == nil || $0.regarding.description == object }
    }

    func changes() -> AsyncStream<Void> { broadcast.stream() }

    func resync() async { state.withLock { $0.resyncs += 1 } }

    func down() async throws -> [String] { ["container/pod-a"] }

    func diff(_ request: DiffRequest) async throws -> DiffReport {
        diffs.withLock { $0.append(request) }
        return diffReport.withLock { $0 }
    }

    func heldDeletions() async -> HeldDeletions { held.withLock { $0 } }

    func prune(_ deletions: [Deletion]) async throws {
        try held.withLock { held in
            guard held.deletions == deletions else { throw Refused() }
            held = HeldDeletions()
        }
    }

    struct Refused: Error, CustomStringConvertible { var description: String { "what is held has changed" } }

    /// What `check` probes; a test sets it.
    let pathList = Mutex(PathList(node: "host-a"))
    /// What `top` is answered, one after the other; the last one again and again.
    let traffics = Mutex([TrafficReport(node: "host-a", readAt: 0)])

    func adopt(from old: String, to new: String?) async throws -> String {
        guard old == "host-a" else { throw AdoptionRefused() }
        state.withLock { $0.adoptions += 1 }
        return new ?? "host-aa"
    }

    struct AdoptionRefused: Error, CustomStringConvertible { var description: String { "not what this host serves" } }

    func paths() async -> PathList { pathList.withLock { $0 } }

    func traffic() async -> TrafficReport {
        traffics.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }

    /// Has `traffic` tell of one peer, read long after any probe.
    func answersTraffic(_ peer: TrafficReport.Peer) {
        traffics.withLock { $0 = [TrafficReport(node: "host-a", readAt: 4_000_000_000, peers: [peer])] }
    }

    func publicKey() async -> PublicKey? {
        state.withLock(\.report.nodes).first { $0.status.isLocal == true }?.status.publicKey
    }
}

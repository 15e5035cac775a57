internal import ControlAPI
internal import Convergence
internal import Firewall
internal import Foundation
internal import Glibc
internal import HostState
internal import ManifestWatch
internal import NetAddress
internal import Podman
internal import Reconciler
internal import Records
internal import Resources
internal import RouteNetlink
internal import Synchronization
internal import WireGuard

/// What the daemon answers over its control socket.
final class DaemonControl: ControlProvider {
    let parts: DaemonParts
    let readings: DeviceReadings
    /// The hash of the last recorded report.
    private let lastRecorded = Mutex(0)

    init(parts: DaemonParts) {
        self.parts = parts
        readings = DeviceReadings { [board = parts.board, wireguard = parts.wireguard] in
            await wireguard.observeEach(board.facts.desired.kernel.devices.map(\.interface))
        }
    }

    func objects(_ query: ObjectQuery) async throws -> ObjectPage {
        // Only a peer shows what a device has to be read for.
        let state = query.kind == .peers ? await readings.state(of: parts.board) : parts.board.facts
        return query.page(of: await builder(state).entries(query.kind))
    }

    func summary() async -> StatusSummary { await summary(of: parts.board.facts) }

    func metrics() async -> HostMetrics {
        let state = await readings.state(of: parts.board)
        return SummaryBuilder(state: state, localNode: parts.options.node)
            .metrics(await summary(of: state), conditions: await parts.recorder.currentConditions)
    }

    private func summary(of state: Facts) async -> StatusSummary {
        var summary = SummaryBuilder(state: state, localNode: parts.options.node).summary(
            daemon: status(of: state), counters: await counters(), conditions: await parts.recorder.currentConditions)
        // While paused, the directory may be ahead of what is in force.
        if summary.daemon.paused == nil { summary.commit = GitCommit.ofDirectory(parts.options.manifestDirectory) }
        return summary
    }

    private func builder(_ state: Facts, isWithSpecs: Bool = true) async -> ReportBuilder {
        ReportBuilder(
            state: state, localNode: parts.options.node, conditions: await parts.recorder.currentConditions,
            ownPublicKey: parts.keys.current?.publicKey, isWithSpecs: isWithSpecs)
    }

    private func status(of state: Facts) -> DaemonStatus {
        var status = DaemonStatus(
            version: ProgramVersion.current, pid: getpid(), startedAt: parts.startedAt,
            manifests: parts.options.manifestDirectory, socket: parts.options.controlSocket,
            policy: state.policy.source, paused: state.source.error ?? state.source.doubt,
            warnings: state.policy.warnings)
        status.nameChange = state.nameChange
        status.warnings += [
            state.nameChange, state.keyError, parts.storageWarning, state.source.degraded, state.source.insecure,
        ].compactMap { $0 }
        status.warnings += state[ServiceFailures.self].reasons.sorted { $0.key < $1.key }.map {
            "the \($0) does not work: \($1)"
        }
        if !state.accepted.held.isEmpty { status.warnings.append(state.accepted.held.summary) }
        status.warnings += state.hostConflicts.warnings
        let violations = state.policyViolations.values.flatMap { $0.split(separator: "\n") }
        status.warnings += Set(violations.map(String.init)).sorted()
        status.warnings += parts.disk.failures.sorted { $0.key < $1.key }.map {
            "not on disk yet: \($0.key): \($0.value)"
        }
        if state[InventoryState.self].isUnsaved {
            status.warnings.append("the inventory cannot be written: free space on the disk")
        }
        return status
    }

    private func counters() async -> Counters {
        var counters = Counters(
            reconciles: 0, writes: ["database": parts.records.writes],
            errors: ["database": await parts.recorder.eventsLost])
        for lane in parts.lanes.all {
            counters.reconciles += lane.done.rounds
            counters.errors[lane.traits.errors] = lane.done.errors
            counters.writes.merge(await lane.writes()) { $0 + $1 }
        }
        let last = parts.lanes.all.map(\.done).compactMap { done in
            done.lastEnd.map { (end: $0, took: done.lastDuration) }
        }
        if let last = last.max(by: { $0.end < $1.end }) {
            counters.lastReconcile = Date(timeIntervalSinceNow: (last.end - ContinuousClock.now) / .seconds(1))
            counters.lastReconcileDuration = last.took / .seconds(1)
        }
        return counters
    }

    func events(for object: String?, since: Date?) async throws -> [Event] {
        try await parts.records.events(for: object, since: since)
    }

    func changes() -> AsyncStream<Void> { parts.recorder.subscribe() }

    func resync() async {
        await parts.source.rescan()
        for lane in parts.lanes.all { lane.retry("resync") }
    }

    func diff(_ request: DiffRequest) async throws -> DiffReport { try await DryRun(parts: parts).report(request) }

    func heldDeletions() async -> HeldDeletions { parts.board.facts.accepted.held }

    func prune(_ deletions: [Deletion]) async throws { try await parts.controller.prune(deletions) }

    func adopt(from old: String, to new: String?) async throws -> String {
        let adoption = try await parts.controller.adopt(from: old, to: new)
        defer { if let next = adoption.successor { parts.stop.begin(anewWith: next) } }
        return adoption.node
    }

    func publicKey() async -> PublicKey? { parts.keys.current?.publicKey }

    func down() async throws -> [String] {
        defer { parts.stop.request() }
        return await Teardown(parts: parts).run()
    }

    /// Saves the report that wgctl shows when no daemon answers; writes only when it changed.
    func saveReport() async {
        // Uses the last observation: this must not wait for a device.
        let state = parts.board.facts
        let report = await builder(state, isWithSpecs: false)
            .report(daemon: status(of: state), counters: await counters())
        guard let text = try? report.recordedText() else { return }
        let isNew = lastRecorded.withLock { last in
            defer { last = text.hashValue }
            return last != text.hashValue
        }
        guard isNew else { return }
        do { try await parts.records.save(report: text) } catch { lastRecorded.withLock { $0 = 0 } }
    }
}

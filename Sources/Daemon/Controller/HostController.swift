internal import Convergence
internal import Descriptors
internal import Foundation
internal import HostPolicy
internal import HostState
internal import Logging
internal import Manifest
internal import ManifestWatch
internal import NetAddress
internal import Planner
internal import Reconciler
internal import Records
internal import Resources
internal import RouteNetlink
internal import WireGuard

/// Turns the messages of its inbox, mainly snapshots of the manifest directory, into the desired state of this host,
/// and wakes the lanes.
actor HostController {
    /// The actor judges whole fleets and waits for disks: on its own queue it blocks nothing else.
    private let executor = QueueExecutor(label: "controller")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    nonisolated let inbox = Inbox()
    let options: DaemonOptions
    let board: FactBoard
    let facts: ControllerFacts
    let inventory: InventoryRecords
    let disk: DiskQueue
    let lanes: LaneRegistry
    let resolver: NameResolver
    let records: Records
    let recorder: Recorder
    let keys: HostKey
    let routes: RouteNetlinkClient
    private let logger: Logger
    var acceptance: AcceptanceState
    var planned = PlanMemory()
    private var isUnkeptReported = false
    var policyWatch: PolicyWatch
    var peerKeys: PeerKeysWatch
    private(set) var isFollowing = true
    let stop: StopRequest
    /// As recorded; nil while this host has served no Node.
    var served: ServedRecord?
    let evidence: EvidenceSource

    init(
        options: DaemonOptions, board: FactBoard, facts: ControllerFacts, inventory: InventoryRecords, records: Records,
        recorder: Recorder, keys: HostKey, routes: RouteNetlinkClient, lanes: LaneRegistry, resolver: NameResolver,
        journal: ParseJournal, stop: StopRequest,
        served: ServedRecord?, evidence: EvidenceSource, logger: Logger
    ) async throws {
        self.options = options
        self.board = board
        self.facts = facts
        self.inventory = inventory
        disk = inventory.disk
        self.lanes = lanes
        self.resolver = resolver
        self.records = records
        self.recorder = recorder
        self.keys = keys
        self.routes = routes
        self.logger = logger
        self.stop = stop
        self.served = served
        self.evidence = evidence
        peerKeys = PeerKeysWatch(path: options.peerKeysPath, keys: options.peerKeys)
        policyWatch = PolicyWatch(
            PolicyFile(path: options.policyPath, manifestDirectory: options.manifestDirectory))
        acceptance = try AcceptanceState(lastGood: try await records.lastGood(), journal: journal)
        let creationTimestamps = try await records.creationTimestamps()
        facts.manifests.set(\.creationTimestamps, to: creationTimestamps)
        publishPolicy()
    }

    /// Reports once that manifests are watched by polling, and once that they no longer are.
    func noteDegradation(_ reason: String?) async {
        guard facts.source.set(\.degraded, to: reason) else { return }
        let regarding = ResourceReference.node(options.node)
        if let reason {
            await recorder.event(.warning, Reason.degraded, reason, regarding: regarding)
        } else {
            await recorder.event(.normal, Reason.restored, "manifest changes are notified again", regarding: regarding)
        }
    }

    /// From now on manifests are ignored.
    func stopFollowing() { isFollowing = false }

    /// `wgctl down` begins: nothing is desired any more, not even by a snapshot that is being accepted at this moment.
    func takeDown() {
        stopFollowing()
        facts.plan.change { $0.takeDown(node: options.node) }
        facts.manifests.set(\.violations, to: [:])
    }

    /// The desired state may have changed.
    func desiredChanged() {
        lanes.wake("manifests", isPressing: true)
        resolver.wake()
    }

    /// Handles messages until the task is cancelled.
    func run() async {
        await noteInterruption()
        if policyWatch.fault != nil { await tellPolicy() }
        while let message = await inbox.next() {
            switch message {
            case .request(let body): await body(self)
            case .manifests(let update) where isFollowing:
                switch update {
                case .snapshot(let files): await receive(snapshot: files)
                case .unavailable(let reason): await freeze(reason)
                }
            case .manifests: break
            case .policy: await lookAtPolicy()
            case .host(let isResync): await hostChanged(isResync: isResync)
            }
        }
        stopFollowing()
        for request in inbox.close() { await request(self) }
    }

    /// Nothing changes while the source cannot be read completely (invariant I1); after a start, the last good
    /// documents replace it.
    private func freeze(_ reason: String) async {
        guard facts.source.set(\.error, to: reason) else { return }
        await recorder.event(.warning, Reason.sourceUnavailable, reason, regarding: .node(options.node))
        if !facts.plan.value.hasSnapshot, !acceptance.lastGood.isEmpty {
            let files = Set(acceptance.lastGood.map(\.location.file)).sorted()
            await follow(files.map { ManifestFile(path: $0, contents: .unreadable(reason: reason)) })
        }
        await recorder.refresh()
    }

    private func receive(snapshot files: [SourceFile]) async {
        if facts.source.set(\.error, to: nil) {
            await recorder.event(
                .normal, Reason.sourceAvailable, "\(options.manifestDirectory) is readable again",
                regarding: .node(options.node))
        }
        await follow(
            files.map { file in
                switch file.contents {
                case .bytes(let bytes): ManifestFile(path: file.path, contents: .bytes(bytes))
                case .unreadable(let reason): ManifestFile(path: file.path, contents: .unreadable(reason: reason))
                }
            })
    }

    /// - Parameter confirmed: deletions that an operator has confirmed.
    private func follow(_ files: [ManifestFile], confirmed: Set<Deletion> = []) async {
        let pruning = PruneRequest(node: options.node, limits: options.pruneLimits, confirmed: confirmed)
        let past = acceptance.lastGood.isEmpty ? await evidence.look() : nil
        let accepted = await acceptSafely(files, pruning: pruning, past: past)
        if let past, let doubt = doubt(about: accepted, past: past) { return await wait(because: doubt) }
        await endDoubt()
        let input = planned.begin()
        await planEdited(accepted.live, after: input)
        acceptance.keep(accepted)
        let identities = identities(after: accepted, past: past)
        KillPoint.pass()
        // Set before the host's own identity is settled, which adds to these.
        facts.identity.set(\.identities, to: identities)
        await keepLastGood()
        guard await settleIdentity(accepted, past: past) else { return }
        let before = facts.manifests.value.accepted
        KillPoint.pass()
        let judgement = judge(accepted.live)
        await settleKey(judgement.resources)
        KillPoint.pass()
        await plan(accepted, judgement)
        desiredChanged()
        await tell(accepted, before: before)
        await tell(held: accepted.held, before: before.held)
        await tell(renamed: accepted.renamedOverlays, in: accepted.live)
        await recorder.refresh()
    }

    static let lastGoodManifests = "the last good manifests"

    /// Writes what resources fall back on. The disk delays it only shortly: if the daemon is killed before the write, the
    /// next start judges the same files again.
    private func keepLastGood() async {
        let unkept = await disk.keep(Self.lastGoodManifests) { [lastGood = acceptance.lastGood, records, facts] in
            try await records.save(lastGood: lastGood, identities: facts.identity.value.identities)
            let creationTimestamps = try await records.creationTimestamps()
            facts.manifests.set(\.creationTimestamps, to: creationTimestamps)
        }
        if let unkept, !isUnkeptReported {
            await recorder.storageFailed("\(Self.lastGoodManifests) are not on disk yet: \(unkept)")
        }
        isUnkeptReported = unkept != nil
    }

    /// Judges the last snapshot again, with deletions that an operator has confirmed.
    ///
    /// - Throws: `PruneRefusal` unless exactly these await confirmation: only what was shown may be deleted.
    nonisolated func prune(_ deletions: [Deletion]) async throws(PruneRefusal) {
        if let refusal = await inbox.perform(on: self, { await $0.pruneInTurn(deletions) }) { throw refusal }
    }

    private func pruneInTurn(_ deletions: [Deletion]) async -> PruneRefusal? {
        let held = facts.manifests.value.accepted.held
        guard !held.isEmpty, held.deletions == deletions, isFollowing else {
            return PruneRefusal(isHeld: !held.isEmpty)
        }
        await follow(acceptance.files, confirmed: Set(deletions))
        return nil
    }

    func settleKey(_ live: ResourceSet) async {
        let node = live.nodes.first { $0.metadata.name == options.node }
        switch keys.settle(node: node, overridden: peerKeys.keys[options.node]) {
        case .created:
            facts.key.set(\.error, to: nil)
            await recorder.event(
                .normal, Reason.keyCreated,
                "made this host's key; put the public key \(keys.current?.publicKey.description ?? "") "
                    + "into spec.publicKey of node \(options.node), so that other hosts know it",
                regarding: .node(options.node))
        case .usable, .notWanted: facts.key.set(\.error, to: nil)
        case .unusable(let reason):
            if facts.key.set(\.error, to: reason) {
                await recorder.event(.warning, Reason.keyUnusable, reason, regarding: .node(options.node))
            }
        }
    }

    private func plan(_ accepted: AcceptedSet, _ judgement: Judgement) async {
        let occupancy = await occupancy(of: accepted.live)
        await lookAtUnderlay(of: accepted.live, occupancy: occupancy)
        let before = facts.manifests.value
        plan(accepted, judgement, occupancy: occupancy)
        planned.notePlanned()
        await tellHostConflicts(before: before.conflicts)
        await tellPolicyViolations(before: before.violations)
    }

    /// - Parameter occupancy: nil when it could not be read: earlier decisions are kept.
    func plan(_ accepted: AcceptedSet, _ judgement: Judgement, occupancy: RouteNetlinkClient.Occupancy?) {
        let conflicts = conflicts(
            of: accepted.live, occupancy: occupancy, identities: facts.identity.value.identities)
        let hostFacts = hostFacts(
            planned.underlay, conflicts: conflicts, frozen: judgement.frozen,
            identities: facts.identity.value.identities)
        planned.note(hostFacts, PlannedInput(policy: policyWatch.policy, judgement: judgement))
        let desired = Planner.plan(judgement.resources, facts: hostFacts)
        let violations = messages(of: judgement, in: accepted, places: acceptance.acceptor)
        facts.want(desired, from: accepted, conflicts: conflicts, violations: violations)
    }

    /// The facts that the planner would get for other manifests. Stores nothing: a dry run uses it.
    func facts(for live: ResourceSet, frozen: FrozenObjects, identities: Identities) async -> HostFacts {
        let occupancy = await occupancy(of: live)
        let conflicts = conflicts(of: live, occupancy: occupancy, identities: identities)
        let underlay = await underlay(of: live, occupancy: occupancy)
        return hostFacts(
            underlay, conflicts: conflicts, frozen: frozen, identities: identities)
    }

    private func hostFacts(
        _ underlay: UnderlayPaths, conflicts: HostConflicts, frozen: FrozenObjects, identities: Identities
    ) -> HostFacts {
        let state = board.facts
        var facts = HostFacts(node: options.node, publicKeys: peerKeys.keys)
        facts.ownPublicKey = state.keyError == nil ? keys.current?.publicKey : nil
        facts.underlayMTU = state.inventory.underlayMTU ?? underlay.smallestMTU ?? UnderlayPaths.usualMTU
        facts.pathMTUs = underlay.pathMTUs
        facts.resolved = state.resolved
        facts.barredOverlays = conflicts.barred
        facts.frozen = frozen
        facts.identities = identities
        return facts
    }

    /// Records an event of each new rejection and each fixed one, once.
    private func tell(_ accepted: AcceptedSet, before: AcceptedSet) async {
        let known = Dictionary(before.acceptances.map { ($0.key, $0) }, uniquingKeysWith: { a, _ in a })
        for acceptance in accepted.acceptances {
            let regarding = acceptance.key.reference
            let previous = known[acceptance.key]
            guard previous?.status != acceptance.status || previous?.message != acceptance.message else { continue }
            // One event reports all of them together.
            if [Reason.pruneBlocked, Reason.inUse].contains(acceptance.reason) { continue }
            if acceptance.status == .false {
                await recorder.event(.warning, acceptance.reason, acceptance.message, regarding: regarding)
            } else if previous?.status == .false {
                await recorder.event(.normal, Reason.accepted, "is valid again", regarding: regarding)
            }
        }
        for error in accepted.fileErrors where !before.fileErrors.contains(error) {
            await recorder.event(.warning, Reason.invalid, error.message, regarding: .file(error.location.file))
        }
        for error in before.fileErrors
        where !accepted.fileErrors.contains(where: { $0.location.file == error.location.file }) {
            await recorder.event(
                .normal, Reason.accepted, "\(error.location.file) is readable again",
                regarding: .file(error.location.file))
        }
    }
}

public import Convergence
internal import Foundation
public import HostState
internal import NetworkState
public import Podman
public import PodmanState
public import Reconciler
internal import Resources
internal import Synchronization

/// The Podman lane: networks and containers. A Podman that hangs blocks only this lane.
public final class PodmanBackend: Backend {
    public static let lane = LaneName.podman
    public static let traits = LaneTraits(
        unavailable: Reason.podmanUnavailable, errors: "podman", decides: [.container, .overlay],
        standsOn: [.network], notCompared: "containers and Podman networks were", noun: "Podman")
    public static let wanted: [any Fact.Type] = [PlanState.self]
    public static let reads: [any Fact.Type] = [KernelShape.self]

    let podman: PodmanClient
    let inventory: any InventoryKeeper
    let reporter: any RoundReporter
    /// Shared with the lane of the next Node that this process serves.
    let slowSteps: SlowSteps
    private let observation: FactWriter<PodmanObservation>
    private let failures: FactWriter<PodmanFailures>
    let starts = Mutex(StartBackoff())
    /// nil where Podman's systemd timers run the health checks.
    private let health: HealthChecks?
    /// When the first of the images that could not be pulled may be tried again.
    private let pullsDue = Mutex<ContinuousClock.Instant?>(nil)

    /// - Parameter runsHealthChecks: whether nobody else runs the containers' health checks.
    public init(
        podman: PodmanClient, slowSteps: SlowSteps, inventory: any InventoryKeeper, reporter: any RoundReporter,
        board: FactBoard, runsHealthChecks: Bool
    ) {
        health = runsHealthChecks ? HealthChecks { try await podman.checkHealth($0.name, id: $0.id) } : nil
        self.podman = podman
        self.slowSteps = slowSteps
        self.inventory = inventory
        self.reporter = reporter
        observation = board.writer()
        failures = board.writer()
    }

    public struct Observed: Sendable {
        public var podman: ObservedPodman
        var freshImages: Set<String>
        /// The names of containers that Podman restarts continuously.
        var looping: Set<String>
        /// When the next attempt at each image that could not be pulled may begin.
        var restingImages: [String: ContinuousClock.Instant]
    }

    public func observe(_ facts: Facts) async throws -> Observed {
        let images = Set(facts[PlanState.self].desired.podman.containers.map(\.image))
        // Read first: what ends while Podman is asked is gone or in progress, never present and forgotten.
        let (removals, restoring) = (await slowSteps.removals, await slowSteps.restoring)
        var observed = try await podman.observe(images: images)
        observed.removals = removals
        observed.restoring = restoring
        observed.overdueChecks = await health?.overdue ?? []
        let names = facts[InventoryState.self].inventory.containerNames
        let restarted = Dictionary(
            observed.containers.values.filter { $0.isRestartedByPodman == true }.compactMap { container in
                names[container.id].map { ($0, container) }
            }
        ) { first, _ in first }
        let looping = starts.withLock { starts in
            starts.observe(restartedByPodman: restarted, at: .now)
            // One that has been running for a while by now has recovered.
            return starts.looping.filter { restarted[$0]?.hasRecovered(at: Date().timeIntervalSince1970) != true }
        }
        let resting = await podman.restingImages()
        return Observed(
            podman: observed, freshImages: await podman.freshImages(), looping: looping, restingImages: resting)
    }

    /// Adds the ids of our objects to the inventory.
    public func note(_ observed: Observed, _ facts: Facts) async {
        let node = facts[HostIdentity.self].originalNode
        let desired = facts[PlanState.self].desired.podman.containers
        await inventory.amend { inventory in
            inventory.adopt(observed.podman, node: node)
            inventory.recordSpecs(desired, of: observed.podman)
        }
    }

    public func show(_ observed: Observed?, in facts: inout Facts) {
        guard let observed else { return facts[PodmanObservation.self].view = .unavailable }
        let node = facts[HostIdentity.self].originalNode
        // A consistent view: what was removed after Podman was asked is still ours in its answer.
        facts[InventoryState.self].inventory.adopt(observed.podman, node: node)
        facts[PodmanObservation.self].view = .observed(observed.podman)
    }

    public func changes(from observed: Observed, _ facts: Facts) -> ChangeSet<PodmanChange> {
        let desired = facts[PlanState.self].desired
        var context = PodmanContext(node: facts[HostIdentity.self].originalNode)
        context.kernel = facts[KernelObservation.self].kernel
        context.desiredKernel = desired.kernel
        context.freshImages = observed.freshImages
        context.looping = observed.looping
        context.restingImages = Set(observed.restingImages.keys)
        context.frozen = desired.frozen
        context.stopTimeoutLimit = facts[HostLimits.self].stopTimeout
        return Differ.podmanChanges(
            from: observed.podman, to: desired.podman, inventory: facts[InventoryState.self].inventory,
            context: context)
    }

    public func postpone(
        _ changes: ChangeSet<PodmanChange>, _ observed: Observed, _ facts: Facts, isRehearsal: Bool
    ) -> ChangeSet<PodmanChange> {
        let wanted = Set(facts[PlanState.self].desired.podman.containers.map(\.name))
        let justEnded = Self.justEnded(observed.podman, at: Int64(Date().timeIntervalSince1970))
        return starts.withLock { starts in
            var rehearsal = starts
            defer { if !isRehearsal { starts = rehearsal } }
            return rehearsal.postpone(changes, desired: wanted, justEnded: justEnded, at: .now)
        }
    }

    /// The containers that ended a moment ago. One that never ran has not ended, and need not wait.
    private static func justEnded(_ podman: ObservedPodman, at now: Int64) -> Set<String> {
        Set(
            podman.containers.values.filter { container in
                // Podman rounds seconds; and with a clock that went back the time is unknown.
                container.startedAt > 0 && !container.isLive && (container.endedAt.map { now - $0 <= 3 } ?? true)
            }.map(\.name))
    }

    /// A container is created in the round after its image has been pulled.
    public func later(
        _ changes: ChangeSet<PodmanChange>, _ observed: Observed, _ facts: Facts
    ) -> [LaterChange<PodmanChange>] {
        let blocked = Set(changes.conflicts.map(\.owner))
        let known = Set((changes.changes + changes.waiting.map(\.change)).map(\.object))
        return facts[PlanState.self].desired.podman.containers.compactMap { container in
            let before = observed.podman.containers[container.name]
            let isCurrent = before?.labels[OwnershipMark.specHashLabel] == container.specHash
            let because = changes.replacements[.container(container.name)]?.because
            guard !blocked.contains(container.name), !isCurrent || because != nil,
                !known.contains(.container(container.name))
            else { return nil }
            let isPulled = known.contains(.image(container.image)) || observed.podman.pulling.contains(container.image)
            let reason =
                !isPulled && because != nil
                ? "waiting until \(because?.description ?? "") can be replaced"
                : "waiting for the image \(container.image) to be pulled"
            return LaterChange(.createContainer(container), reason: reason, isReplacement: before != nil)
        }
    }

    public func nextDue() -> ContinuousClock.Instant? {
        [starts.withLock { $0.nextDue }, pullsDue.withLock { $0 }].compactMap { $0 }.min()
    }

    public func underWay() async -> Set<PodmanObject> { await slowSteps.objects }

    public func finished(_ round: Round<Observed, PodmanChange>) async {
        var failed = PodmanFailures()
        failed.pulls = await podman.pullErrors()
        failed.starts = starts.withLock { $0.errors }
        failures.set(failed)
        guard let observed = round.observed else {
            observation.set(\.view, to: .unavailable)
            return
        }
        await health?.follow(observed.podman, of: round.facts[InventoryState.self].inventory)
        pullsDue.withLock { $0 = observed.restingImages.values.min() }
        let wanted = round.facts[PlanState.self].desired.podman.containers.map(\.name)
        observation.update { value in
            let before = value
            value.observe(observed.podman, wanted: wanted)
            return value != before
        }
        if round.facts[PlanState.self].hasSnapshot, !round.isSparing {
            let underWay = Set(observed.podman.removals.keys)
            await inventory.amend { $0.endRemovals(notIn: round.changeSet, underWay: underWay) }
        }
    }

    public func attach(to lane: Lane<PodmanBackend>) async {
        await slowSteps.attach(
            SlowSteps.Owner(
                onBegin: { [inventory] change in
                    let now = Int64(Date().timeIntervalSince1970)
                    return await inventory.amend { $0.begin(change, at: now) }
                },
                apply: { [podman] in try await podman.apply($0) },
                onLateEnd: { [inventory, weak lane] change, failure in
                    let outcome = Outcome(change, failure: failure)
                    await inventory.amend { $0.didApply([outcome]) }
                    await lane?.finish(late: outcome)
                },
                wake: { [weak lane] change, failure in
                    lane?.wake("\(failure == nil ? "done" : "failed"): \(change.words.action) \(change.words.target)")
                }))
    }

    public func watch(_ lane: Lane<PodmanBackend>) async {
        await withDiscardingTaskGroup { group in
            if let health { group.addTask { await health.run { lane.wake($0) } } }
            for await hint in podman.drift() { lane.wake(hint.text) }
            group.cancelAll()
        }
    }

    public func writes() async -> [String: Int] { ["podman": podman.writes] }
}

internal import Convergence
internal import FirewallState
internal import Firewall
internal import HostState
internal import NetAddress
internal import Podman
internal import Reconciler
internal import Synchronization

/// The firewall lane: our nftables table, and Podman's rules after somebody else has flushed them.
final class FirewallLaneBackend: Backend {
    let world: World
    let localNode: String
    let firewall: FirewallBackend
    let podman: PodmanBackend
    let records: InventoryRecords
    let recorder: Recorder
    private let absence = Mutex(RulesAbsence())

    init(
        world: World, localNode: String, firewall: FirewallBackend, podman: PodmanBackend, records: InventoryRecords,
        recorder: Recorder
    ) {
        self.world = world
        self.localNode = localNode
        self.firewall = firewall
        self.podman = podman
        self.records = records
        self.recorder = recorder
    }

    /// nftables, with what was wanted when it was looked at.
    struct Observation: Sendable {
        var firewall: ObservedFirewall
        var state: World.State
    }

    func revision(of observed: Observation) -> Revision {
        Revision(wanted: observed.state.revision, neighbours: observed.state.podmanRevision)
    }

    func observe() async throws -> Observation {
        let state = world.snapshot
        do {
            let observed = try await firewall.observe(podmanSubnets: state.subnetsInUse)
            return Observation(firewall: observed, state: state)
        } catch {
            // A host without nftables has nothing of ours, and lacks nothing as long as nothing is wanted.
            if state.desired.firewall != nil || state.inventory.firewallTable != nil { throw error }
            return Observation(firewall: ObservedFirewall(), state: state)
        }
    }

    func changes(from observed: Observation) async -> ChangeSet<FirewallChange> {
        let state = observed.state
        // Before the first complete snapshot nothing is wanted and nothing is unwanted (invariant I1).
        guard state.hasSnapshot else { return ChangeSet() }
        // Which of our interfaces are frozen, only a look at them tells.
        guard state.kernel != nil || state.desired.frozen == FrozenObjects() else { return ChangeSet() }
        var context = FirewallContext(node: localNode)
        context.frozenInterfaces = Set(
            (state.kernel?.links.values ?? [:].values).filter(state.desired.frozen.contains).map(\.name))
        var firewall = observed.firewall
        (firewall.subnetsWithoutRules, context.isMissingForGood) = absence.withLock {
            $0.judge(firewall.subnetsWithoutRules, at: .now)
        }
        return Differ.firewallChanges(
            from: firewall, to: state.desired.firewall, inventory: state.inventory, context: context)
    }

    func nextDue() -> ContinuousClock.Instant? { absence.withLock { $0.due(after: .now) } }

    func apply(_ changes: [FirewallChange]) async -> [Outcome<FirewallChange>] {
        var outcomes: [Outcome<FirewallChange>] = []
        for step in changes {
            KillPoint.pass()
            await records.amend { $0.willApply([step]) }
            KillPoint.pass()
            do {
                try await apply(step)
                outcomes.append(Outcome(step))
            } catch {
                outcomes.append(Outcome(step, error: "\(error)"))
            }
        }
        KillPoint.pass()
        await records.amend { [outcomes] in $0.didApply(outcomes) }
        return outcomes
    }

    private func apply(_ step: FirewallChange) async throws {
        switch step {
        case .replaceTable(let wanted, _): try await firewall.replaceTable(wanted)
        case .deleteTable: try await firewall.deleteTable()
        case .reloadPodmanRules(let missing):
            try await podman.reloadNetworks()
            absence.withLock { $0.reloaded(for: missing) }
        }
    }

    func finished(_ round: Round<Observation, FirewallChange>) async {
        var round = round
        for index in round.contested.indices where round.contested[index].change.object != .podmanRules {
            round.contested[index].rival = firewall.rival()
        }
        await records.retry()
        await recorder.record(round, lane: .firewall)
    }
}

/// How long Podman's rules of a subnet have been missing, and where a reload did not bring them.
struct RulesAbsence {
    /// Those of a container that stops go a moment before it does, and Podman's word of it comes later.
    static let patience: Duration = .seconds(1)

    private var since: [CIDR: ContinuousClock.Instant] = [:]
    private var reloaded: Set<CIDR> = []

    /// When the absence of one will have lasted long enough; nil when none is waited for.
    func due(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        since.filter { !reloaded.contains($0.key) }.values.map { $0 + RulesAbsence.patience }.filter { $0 > now }.max()
    }

    /// - Returns: the subnets to reload for, and whether all of them have been missing long enough. One that a reload
    ///   did not help, because its rules are where nft does not see them, is not reloaded for again until it has had some.
    mutating func judge(_ missing: [CIDR], at now: ContinuousClock.Instant) -> ([CIDR], isForGood: Bool) {
        reloaded.formIntersection(missing)
        since = Dictionary(uniqueKeysWithValues: missing.map { ($0, since[$0] ?? now) })
        let waiting = missing.filter { !reloaded.contains($0) }
        return (waiting, waiting.allSatisfy { now - (since[$0] ?? now) >= RulesAbsence.patience })
    }

    mutating func reloaded(for subnets: [CIDR]) { reloaded.formUnion(subnets) }
}

extension World.State {
    /// The subnets of our networks in which a container runs, as far as Podman has told.
    var subnetsInUse: Set<CIDR> {
        guard case .observed(let podman) = podman else { return [] }
        let addresses = podman.containers.values.filter { $0.state == .running }.flatMap(\.addresses)
        let standing = desired.podman.networks.filter { podman.networks[$0.name] != nil }
        let subnets = standing.flatMap(\.subnets).map(\.subnet)
        return Set(subnets.filter { subnet in addresses.contains { subnet.contains($0) } })
    }
}

public import Convergence
public import Firewall
public import FirewallState
public import HostState
internal import NetAddress
public import Podman
public import Reconciler
internal import Resources
internal import Synchronization

/// The firewall lane: our nftables table, and Podman's rules after another program has flushed them.
public final class FirewallBackend: Backend {
    public static let lane = LaneName.firewall
    // Without the clamp tunnels still carry small packets: its absence is reported, but makes nothing less than ready.
    public static let traits = LaneTraits(
        unavailable: Reason.firewallUnavailable, errors: "firewall", decides: [], notCompared: "the firewall was",
        noun: "the firewall")
    public static let wanted: [any Fact.Type] = [PlanState.self]
    public static let reads: [any Fact.Type] = [PodmanObservation.self]

    private let firewall: FirewallClient
    private let podman: PodmanClient
    private let inventory: any InventoryKeeper
    private let absence = Mutex(RulesAbsence())

    public init(firewall: FirewallClient, podman: PodmanClient, inventory: any InventoryKeeper) {
        self.firewall = firewall
        self.podman = podman
        self.inventory = inventory
    }

    public func observe(_ facts: Facts) async throws -> ObservedFirewall {
        do {
            return try await firewall.observe(podmanSubnets: Self.subnetsInUse(facts))
        } catch {
            // A host without nftables has nothing of ours, which is an error only when a table is desired or recorded.
            let inventory = facts[InventoryState.self].inventory
            if facts[PlanState.self].desired.firewall != nil || inventory.firewallTable != nil { throw error }
            return ObservedFirewall()
        }
    }

    /// The subnets of our networks in which a container runs, as far as Podman has answered.
    private static func subnetsInUse(_ facts: Facts) -> Set<CIDR> {
        guard case .observed(let podman) = facts[PodmanObservation.self].view else { return [] }
        let addresses = podman.containers.values.filter { $0.state == .running }.flatMap(\.addresses)
        let standing = facts[PlanState.self].desired.podman.networks.filter { podman.networks[$0.name] != nil }
        let subnets = standing.flatMap(\.subnets).map(\.subnet)
        return Set(subnets.filter { subnet in addresses.contains { subnet.contains($0) } })
    }

    public func changes(from observed: ObservedFirewall, _ facts: Facts) -> ChangeSet<FirewallChange> {
        changes(from: observed, facts, isMissingForGood: false)
    }

    private func changes(
        from observed: ObservedFirewall, _ facts: Facts, isMissingForGood: Bool
    ) -> ChangeSet<FirewallChange> {
        let (desired, kernel) = (facts[PlanState.self].desired, facts[KernelObservation.self].kernel)
        // Only an observation shows which of our interfaces are frozen.
        guard kernel != nil || desired.frozen == FrozenObjects() else { return ChangeSet() }
        var context = FirewallContext(node: facts[HostIdentity.self].node)
        context.frozenInterfaces = Set(
            (kernel?.links.values ?? [:].values).filter(desired.frozen.contains).map(\.name))
        context.isMissingForGood = isMissingForGood
        return Differ.firewallChanges(
            from: observed, to: desired.firewall, inventory: facts[InventoryState.self].inventory, context: context)
    }

    /// Podman's rules of a stopping container are removed just before it ends: their absence has to last.
    public func postpone(
        _ changes: ChangeSet<FirewallChange>, _ observed: ObservedFirewall, _ facts: Facts, isRehearsal: Bool
    ) -> ChangeSet<FirewallChange> {
        var judged = observed
        let isForGood = absence.withLock { absence in
            var rehearsal = absence
            defer { if !isRehearsal { absence = rehearsal } }
            let (missing, isForGood) = rehearsal.judge(observed.subnetsWithoutRules, at: .now)
            judged.subnetsWithoutRules = missing
            return isForGood
        }
        return self.changes(from: judged, facts, isMissingForGood: isForGood)
    }

    public func nextDue() -> ContinuousClock.Instant? { absence.withLock { $0.due(after: .now) } }

    public func apply(_ changes: [FirewallChange]) async -> [Outcome<FirewallChange>] {
        var outcomes: [Outcome<FirewallChange>] = []
        for step in changes {
            KillPoint.pass()
            await inventory.amend { $0.willApply([step]) }
            KillPoint.pass()
            do {
                try await apply(step)
                outcomes.append(Outcome(step))
            } catch {
                outcomes.append(Outcome(step, failure: Failure(error)))
            }
        }
        KillPoint.pass()
        await inventory.amend { [outcomes] in $0.didApply(outcomes) }
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

    public func rival(of object: FirewallObject) -> String? { object == .podmanRules ? nil : firewall.rival() }

    public func watch(_ lane: Lane<FirewallBackend>) async {
        for await hint in firewall.drift { lane.wake(hint) }
        // Without netfilter's notifications the stream ends at once, and a service that ends counts as failed.
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }

    public func writes() async -> [String: Int] { ["firewall": firewall.writes] }
}

public import Convergence
public import HostState
public import NetAddress
public import NetworkState
public import Reconciler
internal import Resources
public import RouteNetlink
internal import Synchronization
public import WireGuard

/// The network lane: rtnetlink, sysctls and WireGuard, with a common order because routes follow allowed IPs.
public final class NetworkBackend: Backend {
    public static let lane = LaneName.network
    public static let traits = LaneTraits(
        unavailable: Reason.networkUnavailable, errors: "kernel", decides: [.node, .overlay], notCompared: nil,
        noun: "the kernel")
    public static let wanted: [any Fact.Type] = [PlanState.self, ResolvedNames.self]
    public static let reads: [any Fact.Type] = [PodmanObservation.self]
    public static let wakes: [any Fact.Type] = [PodmanObservation.self, ResolvedNames.self]

    /// What it works with, besides the kernel.
    public struct Surroundings: Sendable {
        public var privateKey: @Sendable () -> PrivateKey?
        public var clock: @Sendable () -> HandshakeClock
        /// Called with the keys of added peers: nothing was received from them yet.
        public var onPeersAdded: @Sendable ([PublicKey]) async -> Void

        public init(
            privateKey: @escaping @Sendable () -> PrivateKey?, clock: @escaping @Sendable () -> HandshakeClock,
            onPeersAdded: @escaping @Sendable ([PublicKey]) async -> Void = { _ in }
        ) {
            self.privateKey = privateKey
            self.clock = clock
            self.onPeersAdded = onPeersAdded
        }
    }

    let routes: RouteNetlinkClient
    let wireguard: WireGuardClient
    let inventory: any InventoryKeeper
    let surroundings: Surroundings
    private let observation: FactWriter<KernelObservation>
    private let shape: FactWriter<KernelShape>
    /// As last read, for the changes that follow.
    let presharedKeys = PresharedKeyring()
    private let memory = Mutex(Memory())

    /// What the lane remembers of its rounds.
    private struct Memory {
        /// The versions at the last observation, if it found nothing to do and nothing was written since.
        var settled: Moment?
        /// Increases when the kernel notifies of a change.
        var hints = 0
        /// The indexes of links that were observed with our mark, by name.
        var ownLinks: [String: Int32] = [:]
        var edits = EndpointEdits()
        var announcements = Announcements()
    }

    /// The versions of what an observation was compared with.
    struct Moment: Sendable, Equatable {
        var plan: Int
        var names: Int
        var hints: Int

        init(_ facts: Facts, hints: Int) {
            plan = facts[PlanState.self].wholeNumber
            names = facts.edition(of: [ResolvedNames.self])
            self.hints = hints
        }
    }

    /// The kernel as observed.
    public struct Observed: Sendable {
        public var kernel: ObservedKernel
        /// Why devices that exist, or their preshared keys, could not be read, by interface.
        public var unreadable: [String: String] = [:]
        /// By interface.
        var presharedKeys: [String: PresharedKeys] = [:]
        var clock: HandshakeClock
        var hints: Int
    }

    public init(
        routes: RouteNetlinkClient, wireguard: WireGuardClient, inventory: any InventoryKeeper, board: FactBoard,
        surroundings: Surroundings
    ) {
        self.routes = routes
        self.wireguard = wireguard
        self.inventory = inventory
        self.surroundings = surroundings
        observation = board.writer()
        shape = board.writer()
    }

    public func watch(_ lane: Lane<NetworkBackend>) async {
        // Changes of foreign routes elsewhere, by a routing daemon, do not concern the lane.
        for await hint in routes.drift() where hint.isOfConcern {
            if let gone = hint.routesToRestore {
                let scope = KernelScope(destinations: Set(gone.map(\.destination)))
                await lane.applyPart(hint.summary, isDrift: true) { self.part(scope, gone: gone, $0) }
            }
            // The last observation may be outdated.
            noteHint()
            lane.wake(hint.summary)
        }
    }

    func noteHint() { memory.withLock { $0.hints += 1 } }

    /// Makes the drift monitor watch for the desired routes.
    public func prepare(_ facts: Facts) {
        routes.watch(Set(facts[PlanState.self].desired.kernel.routes.map(\.destination)))
    }

    /// Keeps the secrets for the changes that follow.
    public func note(_ observed: Observed, _ facts: Facts) async { presharedKeys.current = observed.presharedKeys }

    public func observe(_ facts: Facts) async throws -> Observed {
        let desired = facts[PlanState.self].desired
        let inventory = facts[InventoryState.self].inventory
        let hints = memory.withLock { $0.hints }
        let sysctls = Set(desired.kernel.sysctls.map(\.key)).union(inventory.sysctlsBefore.keys)
        var kernel = try await routes.observe(
            sysctls: sysctls.sorted(), destinations: Set(desired.kernel.routes.map(\.destination)),
            ports: Set(desired.podman.containers.flatMap(\.networks).map(\.macAddress)))
        let devices = kernel.links.values
            .filter { $0.kind == "wireguard" || $0.kind == "tun" }
            .filter { link in
                link.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false || inventory.links.contains(link.name)
            }
        var unreadable: [String: String] = [:]
        for (interface, device) in await wireguard.observeEach(devices.map(\.name).sorted()) {
            switch device {
            case .success(let device): kernel.devices[interface] = device
            case .failure(let error):
                unreadable[interface] = "\(error)"
                kernel.devices[interface] = facts[KernelObservation.self].kernel?.devices[interface]
            }
        }
        var keys: [String: PresharedKeys] = [:]
        for device in desired.kernel.devices where unreadable[device.interface] == nil {
            do {
                keys[device.interface] = try await wireguard.presharedKeys(of: device)
            } catch {
                unreadable[device.interface] = "\(device.interface): \(error)"
            }
        }
        return Observed(
            kernel: kernel, unreadable: unreadable, presharedKeys: keys, clock: surroundings.clock(), hints: hints)
    }

    public func show(_ observed: Observed?, in facts: inout Facts) {
        guard let observed else { return }
        facts[KernelObservation.self].kernel = observed.kernel
    }

    public func changes(from observed: Observed, _ facts: Facts) -> ChangeSet<KernelChange> {
        // A device that cannot be read, or whose preshared keys cannot, is not changed, and delays no other.
        var wanted = facts[PlanState.self].desired.kernel
        wanted.devices.removeAll { observed.unreadable[$0.interface] != nil }
        for index in wanted.devices.indices { wanted.devices[index].share(observed.presharedKeys) }
        return Differ.kernelChanges(
            from: observed.kernel, to: wanted, inventory: facts[InventoryState.self].inventory,
            context: context(facts, observed.clock, isPart: false))
    }

    /// The changes of a part of the kernel, by the last observation; nil when they need a new one.
    ///
    /// - Parameter gone: routes that have been deleted since.
    public func part(
        _ scope: KernelScope, gone: Set<ObservedRoute> = [], _ facts: Facts
    ) -> (observed: Observed, changeSet: ChangeSet<KernelChange>)? {
        let (settled, hints) = memory.withLock { ($0.settled, $0.hints) }
        guard settled == Moment(facts, hints: hints), let kernel = facts[KernelObservation.self].kernel else {
            return nil
        }
        var wanted = facts[PlanState.self].desired.kernel.part(scope)
        for index in wanted.devices.indices { wanted.devices[index].share(presharedKeys.current) }
        let clock = surroundings.clock()
        let changes = Differ.kernelChanges(
            from: kernel, without: gone, to: wanted, within: scope, inventory: facts[InventoryState.self].inventory,
            context: context(facts, clock, isPart: true))
        return (Observed(kernel: kernel, clock: clock, hints: hints), changes)
    }

    /// What the comparison needs besides the kernel.
    private func context(_ facts: Facts, _ clock: HandshakeClock, isPart: Bool) -> KernelContext {
        let plan = facts[PlanState.self]
        let memory = memory.withLock { $0 }
        var context = KernelContext()
        context.podman = facts[PodmanObservation.self].view
        context.clock = clock
        context.resolved = facts[ResolvedNames.self].addresses
        context.editedEndpoints = memory.edits.pending(plan)
        context.desiredPodman = plan.desired.podman
        // The next whole round announces.
        context.arrived = isPart ? [] : memory.announcements.pending(plan.desired.podman, facts[PodmanObservation.self])
        context.frozen = plan.desired.frozen
        context.ownLinks = memory.ownLinks
        return context
    }

    public func gaps(in observed: Observed, _ facts: Facts) -> [Gap] {
        facts[PlanState.self].desired.kernel.devices.compactMap { device in
            observed.unreadable[device.interface].map { Gap(.overlay(device.overlay), reason: $0) }
        }
    }

    public func finished(_ round: Round<Observed, KernelChange>) async {
        if let observed = round.observed { await finished(round, observed) }
        if !round.isPart {
            observation.change { $0.comparedPlan = round.facts[PlanState.self].number }
        }
        await surroundings.onPeersAdded(
            round.outcomes.compactMap { outcome in
                if outcome.error == nil, case .addPeer(_, let peer, _) = outcome.change { peer.publicKey } else { nil }
            })
    }

    private func finished(_ round: Round<Observed, KernelChange>, _ observed: Observed) async {
        guard !round.isPart else {
            return memory.withLock { memory in
                memory.settled = nil
                memory.edits.settle(written: round.outcomes, round.facts[PlanState.self])
            }
        }
        let isSettled =
            round.isConverged && observed.unreadable.isEmpty && round.facts[PlanState.self].hasSnapshot
        memory.withLock { memory in
            memory.settled = isSettled ? Moment(round.facts, hints: observed.hints) : nil
            for link in observed.kernel.links.values where OwnershipMark.overlay(ofAlias: link.alias ?? "") != nil {
                memory.ownLinks[link.name] = link.index
            }
            memory.edits.settle(
                round.outcomes + round.untried, round.facts, unreadable: Set(observed.unreadable.keys))
            memory.announcements.note(
                round.outcomes, round.facts[PodmanObservation.self], round.facts[PlanState.self].desired.podman)
        }
        let newShape = KernelShape(observed.kernel)
        // Both in one step: a Podman round in between would count its changes as drift.
        observation.update(
            { value in
                value.kernel = observed.kernel
                value.observedAt = .now
                return true
            },
            with: shape
        ) { shape, _ in
            guard shape != newShape else { return false }
            shape = newShape
            return true
        }
    }

    public func rival(of object: KernelObject) -> String? { routes.rival(of: object)?.description }

    public func writes() async -> [String: Int] {
        ["kernel": await routes.writes, "wireguard": wireguard.writes]
    }
}

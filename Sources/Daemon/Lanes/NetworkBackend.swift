internal import Convergence
internal import NetworkState
internal import HostState
internal import NetAddress
internal import Probes
internal import Reconciler
internal import RouteNetlink
internal import WireGuard

/// The network lane: rtnetlink, sysctls and WireGuard, ordered as one because routes follow allowed IPs.
struct NetworkBackend: Backend {
    let world: World
    let routes: RouteNetlinkBackend
    let wireguard: WireGuardBackend
    let keys: HostKey
    let records: InventoryRecords
    let recorder: Recorder
    let signals: Signals
    let monitor: PeerMonitor
    /// Whether the drift monitor looks out for what is wanted here.
    var isWatching = true
    /// As last read, for the changes that follow.
    let presharedKeys = PresharedKeyring()

    /// The kernel, with what was wanted when it was read.
    struct Observation: Sendable {
        var kernel: ObservedKernel
        var state: World.State
        /// Whether it is the last look's, for a part that changes without a new one.
        var isAnticipated = false
        /// Why devices that stand, or their preshared keys, could not be read, by interface.
        var unreadable: [String: String] = [:]
        /// By interface.
        var presharedKeys: [String: PresharedKeys] = [:]
    }

    func revision(of observed: Observation) -> Revision {
        Revision(wanted: observed.state.revision, neighbours: observed.state.podmanRevision)
    }

    func observe() async throws -> Observation {
        let state = world.snapshot
        let sysctls = Set(state.desired.kernel.sysctls.map(\.key)).union(state.inventory.sysctlsBefore.keys)
        let destinations = Set(state.desired.kernel.routes.map(\.destination))
        if isWatching { routes.watch(destinations) }
        var observed = try await routes.observe(
            sysctls: sysctls.sorted(), destinations: destinations,
            ports: Set(state.desired.podman.containers.flatMap(\.networks).map(\.macAddress)))
        let devices = observed.links.values
            .filter { $0.kind == "wireguard" || $0.kind == "tun" }
            .filter { link in
                link.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false || state.inventory.links.contains(link.name)
            }
        var unreadable: [String: String] = [:]
        for (interface, device) in await wireguard.observeEach(devices.map(\.name).sorted()) {
            switch device {
            case .success(let device): observed.devices[interface] = device
            case .failure(let error):
                unreadable[interface] = "\(error)"
                observed.devices[interface] = state.kernel?.devices[interface]
            }
        }
        var presharedKeys: [String: PresharedKeys] = [:]
        for device in state.desired.kernel.devices where unreadable[device.interface] == nil {
            do {
                presharedKeys[device.interface] = try await wireguard.presharedKeys(of: device)
            } catch {
                unreadable[device.interface] = "\(device.interface): \(error)"
            }
        }
        self.presharedKeys.current = presharedKeys
        return Observation(
            kernel: observed, state: state, unreadable: unreadable, presharedKeys: presharedKeys)
    }

    func changes(from observed: Observation) async -> ChangeSet<KernelChange> {
        let state = observed.state
        // Before the first complete snapshot nothing is wanted and nothing is unwanted (invariant I1).
        guard state.hasSnapshot else { return ChangeSet() }
        // A device that cannot be read, or whose preshared keys cannot, is left as it is, and holds up no other.
        var wanted = state.desired.kernel
        wanted.devices.removeAll { observed.unreadable[$0.interface] != nil }
        for index in wanted.devices.indices { wanted.devices[index].share(observed.presharedKeys) }
        let changes = Differ.kernelChanges(
            from: observed.kernel, to: wanted, inventory: state.inventory, context: context(state))
        return state.sparing(changes, lane: .network)
    }

    /// What there is to change in a part of the kernel, by the last look; nil when it takes a new one to tell.
    ///
    /// - Parameter gone: routes that are deleted since.
    func anticipate(
        _ scope: KernelScope, gone: Set<ObservedRoute> = []
    ) -> (observed: Observation, changeSet: ChangeSet<KernelChange>)? {
        var state = world.snapshot
        guard state.isSettled, state.hasSnapshot, !state.isGoingDown, !state.sparing.contains(.network),
            let kernel = state.kernel
        else { return nil }
        // Told by the next look.
        state.arrived = []
        var wanted = state.desired.kernel.part(scope)
        for index in wanted.devices.indices { wanted.devices[index].share(presharedKeys.current) }
        let changes = Differ.kernelChanges(
            from: kernel, without: gone, to: wanted, within: scope, inventory: state.inventory,
            context: context(state))
        return (Observation(kernel: kernel, state: state, isAnticipated: true), changes)
    }

    /// What the comparison must know beside the kernel.
    private func context(_ state: World.State) -> KernelContext {
        var context = KernelContext()
        context.podman = state.podman
        context.clock = world.clock.read()
        context.resolved = state.resolved
        context.editedEndpoints = Set(state.editedEndpoints.keys)
        context.desiredPodman = state.desired.podman
        context.arrived = state.arrived
        context.frozen = state.desired.frozen
        context.ownLinks = state.ownLinks
        return context
    }

    func apply(_ changes: [KernelChange]) async -> [Outcome<KernelChange>] {
        // What is about to be made is written down first: killed in between, the next start knows it as ours.
        KillPoint.pass()
        await records.amend { $0.willApply(changes) }
        var outcomes: [Outcome<KernelChange>] = []
        var prerequisites = Prerequisites()
        for var run in NetworkBackend.runs(of: changes) {
            KillPoint.pass()
            // What is left out is as good as failed for what comes after it.
            for change in run.changes where prerequisites.holds(change) { prerequisites.failed(change) }
            run.changes.removeAll(where: prerequisites.holds)
            let results = await apply(run: run)
            for (change, error) in zip(run.changes, results) {
                if error != nil { prerequisites.failed(change) }
                outcomes.append(Outcome(change, error: error.map { "\($0)" }))
            }
        }
        KillPoint.pass()
        await records.amend { [outcomes] in $0.didApply(outcomes) }
        return outcomes
    }

    func finished(_ round: Round<Observation, KernelChange>) async {
        if round.observed?.isAnticipated == true {
            world.mutate { $0.settled = nil }
            await tellMonitor(round)
            return await recorder.tell(named(round), lane: .network)
        }
        world.mutate { $0.lookedRevision = round.observed?.state.revision ?? $0.revision }
        var unreadable: [World.Failure] = []
        if let observation = round.observed {
            let observed = observation.kernel
            unreadable = observation.failures
            let isNew = world.mutate { state in
                let isNew = NetworkBackend.podmanWouldCare(state.kernel, observed)
                state.kernel = observed
                let isSettled = round.isConverged && observation.unreadable.isEmpty && observation.state.hasSnapshot
                state.settled = isSettled ? observation.state.present : nil
                state.kernelAt = .now
                for link in observed.links.values where OwnershipMark.overlay(ofAlias: link.alias ?? "") != nil {
                    state.ownLinks[link.name] = link.index
                }
                if isNew { state.kernelRevision += 1 }
                state.settleEndpoints(
                    round.outcomes + round.untried, seen: observation.state,
                    unreadable: Set(observation.unreadable.keys))
                state.settleArrivals(round.outcomes)
                if round.isConverged { state.noteLook(of: .network, seen: observation.state) }
                return isNew
            }
            if isNew { signals.networkObserved() }
            await tellMonitor(round)
        }
        await records.retry()
        await recorder.record(named(round), lane: .network, unreadable: unreadable)
    }

    private func tellMonitor(_ round: Round<Observation, KernelChange>) async {
        await monitor.peersProgrammed(
            round.outcomes.compactMap { outcome in
                if outcome.error == nil, case .addPeer(_, let peer, _) = outcome.change {
                    peer.publicKey
                } else {
                    nil
                }
            })
    }

    /// With the rivals' names, as far as they are known.
    private func named(_ round: Round<Observation, KernelChange>) -> Round<Observation, KernelChange> {
        var round = round
        for index in round.contested.indices {
            round.contested[index].rival = routes.rival(of: round.contested[index].change.object)?.description
        }
        return round
    }

    /// Whether the Podman lane could act differently: it looks at links, addresses, routes and proxy entries.
    private static func podmanWouldCare(_ before: ObservedKernel?, _ after: ObservedKernel) -> Bool {
        guard let before else { return true }
        return view(of: before) != view(of: after)
    }

    /// What of the kernel the Podman lane looks at: our links, their addresses, our routes and proxy entries.
    private static func view(of kernel: ObservedKernel) -> Set<String> {
        let ours = kernel.links.values.filter { $0.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false }.map(\.name)
        let names = Set(ours)
        return names.union(
            kernel.addresses.filter { names.contains($0.interface) }.map { "\($0.interface) \($0.address)" }
        )
        .union(kernel.proxyNeighbours.map { "\($0.interface) proxy \($0.address)" })
        .union(
            kernel.routes.filter { $0.protocolNumber == OwnershipMark.routeProtocol }.map {
                "\($0.interface ?? "") route \($0.destination)"
            })
    }
}

extension NetworkBackend.Observation {
    /// What could not be read, as the conditions of its overlays tell it.
    var failures: [World.Failure] {
        state.desired.kernel.devices.compactMap { device in
            unreadable[device.interface].map { World.Failure(subject: .overlay(device.overlay), text: $0) }
        }
    }
}

extension NetworkBackend {
    /// Neighbouring changes that one backend takes in one go; what takes away is apart from what adds.
    struct Run {
        enum Target { case routes, wireguard, wireguardLink, userspaceEnd, announcement }
        var target: Target
        var changes: [KernelChange]
    }

    static func runs(of changes: [KernelChange]) -> [Run] {
        var runs: [Run] = []
        for change in changes {
            let target = target(of: change)
            let isSame = runs.last?.target == target && runs.last?.changes.last?.isRemoval == change.isRemoval
            if isSame, target != .wireguardLink, !KillPoint.isArmed {
                runs[runs.count - 1].changes.append(change)
            } else {
                runs.append(Run(target: target, changes: [change]))
            }
        }
        return runs
    }

    private static func target(of change: KernelChange) -> Run.Target {
        switch change {
        case .createLink(let link):
            if case .wireguard = link.kind { .wireguardLink } else { .routes }
        case .deleteLink(let link) where link.kind == "tun": .userspaceEnd
        case .configureDevice, .addPeer, .updatePeer, .removePeer: .wireguard
        case .announce: .announcement
        default: .routes
        }
    }

    private func apply(run: Run) async -> [(any Error)?] {
        switch run.target {
        case .routes: return await routes.apply(run.changes).map(\.failure)
        case .wireguard:
            return await wireguard.apply(run.changes, key: keys.current, presharedKeys: presharedKeys.current).map(
                \.failure)
        case .announcement: return run.changes.map(announce)
        case .userspaceEnd: return await endUserspace(run.changes)
        case .wireguardLink:
            guard case .createLink(let link)? = run.changes.first else { return [nil] }
            do {
                try await createWireGuardLink(link)
                return [nil]
            } catch {
                return [error]
            }
        }
    }

    /// The kernel's WireGuard where it works, wireguard-go elsewhere; then marked, sized and brought up.
    private func createWireGuardLink(_ link: DesiredLink) async throws {
        guard case .wireguard(let backend) = link.kind else { return }
        if backend != .userspace {
            if try await routes.createWireGuardLink(link) { return }
            if backend == .kernel { throw NetworkError.noKernelWireGuard }
        }
        try await wireguard.startUserspace(link.name)
        let links = try await routes.observe(sysctls: [], destinations: []).links
        guard let before = links[link.name] else { throw NetworkError.vanished(link.name) }
        try await routes.apply(.updateLink(link, before: before))
    }

    /// wireguard-go ends, and its link and socket go with it; then what is left of the link, if anything.
    private func endUserspace(_ changes: [KernelChange]) async -> [(any Error)?] {
        var failures: [(any Error)?] = []
        for change in changes {
            guard case .deleteLink(let link) = change else { continue }
            try? await wireguard.stopUserspace(link.name)
            failures.append(await routes.apply([change]).map(\.failure).first ?? nil)
        }
        return failures
    }

    private func announce(_ change: KernelChange) -> (any Error)? {
        guard case .announce(let interface, let address, let macAddress) = change else { return nil }
        do {
            try NeighbourAnnouncer().announce(address, on: interface, macAddress: macAddress)
            return nil
        } catch {
            return error
        }
    }
}

enum NetworkError: Error, CustomStringConvertible {
    case noKernelWireGuard
    case vanished(String)

    var description: String {
        switch self {
        case .noKernelWireGuard:
            "this kernel has no WireGuard: load the wireguard module, or set spec.wireguard.backend to Auto or Userspace"
        case .vanished(let name): "\(name) vanished just after it was made: is another program deleting it?"
        }
    }
}

extension Result {
    var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}

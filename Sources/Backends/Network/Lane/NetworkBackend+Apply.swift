public import Convergence
internal import HostState
public import NetworkState
internal import Probes
internal import Reconciler
internal import RouteNetlink
internal import WireGuard

extension NetworkBackend {
    /// Neighbouring changes that one backend applies together; removals are separate from additions.
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

    public func apply(_ changes: [KernelChange]) async -> [Outcome<KernelChange>] {
        // The inventory is written first: after a kill in between, the next start recognises the objects as ours.
        KillPoint.pass()
        await inventory.amend { $0.willApply(changes) }
        var outcomes: [Outcome<KernelChange>] = []
        var prerequisites = Prerequisites()
        for var run in NetworkBackend.runs(of: changes) {
            KillPoint.pass()
            // A change that is left out counts as failed for the changes after it.
            for change in run.changes where prerequisites.forbids(change) { prerequisites.failed(change) }
            run.changes.removeAll(where: prerequisites.forbids)
            let results = await apply(run: run)
            for (change, error) in zip(run.changes, results) {
                if error != nil { prerequisites.failed(change) }
                outcomes.append(Outcome(change, failure: error.map { Failure($0) }))
            }
        }
        KillPoint.pass()
        await inventory.amend { [outcomes] in $0.didApply(outcomes) }
        return outcomes
    }

    private func apply(run: Run) async -> [(any Error)?] {
        switch run.target {
        case .routes: return await routes.apply(run.changes).map(\.failure)
        case .wireguard:
            return await wireguard.apply(
                run.changes, key: surroundings.privateKey(), presharedKeys: presharedKeys.current
            ).map(
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

    /// The kernel's WireGuard where it works, otherwise wireguard-go; then marks, sizes and raises the link.
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

    /// Ends wireguard-go, which deletes its link and socket; then deletes what is left of the link, if anything.
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

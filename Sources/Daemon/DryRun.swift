internal import Convergence
internal import NetworkState
internal import ControlAPI
internal import HostPolicy
internal import HostState
internal import Manifest
internal import Planner
internal import Records
internal import Resources

/// The daemon's own observe and compare on a copy of what it knows, stopped before apply: nothing is written, neither
/// to the host nor to the records nor to what the lanes see.
struct DryRun: Sendable {
    let parts: DaemonParts

    struct Refusal: Error, CustomStringConvertible {
        var description: String
    }

    /// - Throws: what keeps the kernel from being read; `Refusal` before the daemon's first snapshot.
    func report(_ request: DiffRequest) async throws -> DiffReport {
        let copy = World()
        let now = parts.world.snapshot
        copy.mutate { $0 = now }
        var report = DiffReport(node: parts.options.node)
        if let files = request.files {
            try await plan(files.map(ManifestFile.init), into: copy, &report)
        } else {
            guard now.hasSnapshot else {
                throw Refusal(
                    description: now.sourceError ?? now.historyDoubt ?? "wgd has not read its manifests yet: ask again")
            }
            if let reason = now.sourceError { report.remarks.append(reason) }
            report.findings = now.accepted.findings
        }
        report.add(violations: copy.snapshot.policyViolations)
        try await compare(copy, &report)
        return report
    }

    /// As `HostController` accepts and plans a snapshot, with the same history, but for the host's key: none is made.
    private func plan(_ files: [ManifestFile], into copy: World, _ report: inout DiffReport) async throws {
        let lastGood = try await parts.records.lastGood()
        var acceptor = try Acceptor()
        let pruning = PruneRequest(node: parts.options.node, limits: parts.options.pruneLimits)
        let accepted = acceptor.accept(files, lastGood: lastGood, pruning: pruning)
        report.findings = accepted.findings
        if !accepted.held.isEmpty { report.remarks.append(accepted.held.summary) }
        let controller = parts.controller
        let judgement = await controller.judge(accepted.live)
        let identities = await controller.identities(after: accepted)
        let own = Set(HostConflicts.overlays(of: parts.options.node, in: accepted.live).map(\.metadata.name))
        let renamed = accepted.renamedOverlays.filter { own.contains($0.key) }.sorted { $0.key < $1.key }
        report.remarks += renamed.map { name, old in
            "Overlay/\(name) takes over what Overlay/\(old) has on this host: nothing is made again that did not change "
                + "otherwise"
        }
        let facts = await controller.facts(for: accepted.live, frozen: judgement.frozen, identities: identities)
        let desired = Planner.plan(judgement.resources, facts: facts)
        let violations = await controller.messages(of: judgement, in: accepted, places: acceptor)
        copy.mutate { state in
            state.policyViolations = violations
            state.identities = identities
            state.want(desired, from: accepted)
        }
    }

    private func compare(_ copy: World, _ report: inout DiffReport) async throws {
        let desired = copy.snapshot.desired
        if desired.node == nil {
            report.remarks.append("no valid Node is named \(parts.options.node): nothing is wanted")
        }
        let podman = parts.podmanLaneBackend(on: copy)
        let network = parts.networkBackend.copy(on: copy)
        var observedPodman: PodmanLaneBackend.Observation?
        do {
            observedPodman = try await podman.observe()
        } catch {
            report.unknown.append("containers and Podman networks were not compared: \(error)")
        }
        let view: PodmanView = observedPodman.map { .observed($0.podman) } ?? .unavailable
        copy.mutate { $0.podman = view }
        let observedKernel = try await network.observe()
        copy.mutate { $0.kernel = observedKernel.kernel }
        report.unknown += observedKernel.failures.map { "\($0.subject) was not compared: \($0.text)" }

        let owners = Owners(desired)
        report.add(await network.changes(from: observedKernel), owners: owners)
        if var observedPodman {
            observedPodman.state = copy.snapshot
            let changes = await podman.changes(from: observedPodman)
            report.add(changes, owners: owners)
            report.addContainersWithoutImage(changes, desired: desired, observed: observedPodman.podman)
        }
        do {
            let firewall = parts.firewallLaneBackend(on: copy)
            report.add(await firewall.changes(from: try await firewall.observe()), owners: owners)
        } catch {
            report.unknown.append("the firewall was not compared: \(error)")
        }
    }
}

extension NetworkBackend {
    /// The same on another world, to observe and compare with; the drift monitor goes on looking out for what is wanted
    /// on this one.
    func copy(on world: World) -> NetworkBackend {
        NetworkBackend(
            world: world, routes: routes, wireguard: wireguard, keys: keys, records: records, recorder: recorder,
            signals: signals, monitor: monitor, isWatching: false)
    }
}

extension DaemonParts {
    /// The firewall lane's backend on another world, to observe and compare with.
    fileprivate func firewallLaneBackend(on world: World) -> FirewallLaneBackend {
        FirewallLaneBackend(
            world: world, localNode: options.node, firewall: firewall, podman: podman,
            records: InventoryRecords(world: world, records: records, recorder: recorder, isDryRun: true),
            recorder: recorder)
    }

    /// The Podman lane's backend on another world, to observe and compare with.
    fileprivate func podmanLaneBackend(on world: World) -> PodmanLaneBackend {
        PodmanLaneBackend(
            world: world, localNode: options.node, podman: podman, slowSteps: slowSteps,
            records: InventoryRecords(world: world, records: records, recorder: recorder, isDryRun: true),
            recorder: recorder, signals: signals)
    }
}

extension ManifestFile {
    fileprivate init(_ file: DiffRequest.File) {
        let contents: Contents =
            switch file.contents {
            case .text(let text): .bytes(Array(text.utf8))
            case .bytes(let bytes): .bytes(bytes)
            case .unreadable(let reason): .unreadable(reason: reason)
            }
        self.init(path: file.path, contents: contents)
    }
}

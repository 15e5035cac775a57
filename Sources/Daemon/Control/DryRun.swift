internal import ControlAPI
internal import Convergence
internal import HostPolicy
internal import HostState
internal import Manifest
internal import NetworkState
internal import Planner
internal import Reconciler
internal import Records
internal import Resources

/// The daemon's own observe and compare steps on a copy of the facts, without apply. Writes nothing: not to the host,
/// not to the records, and not to the facts that the lanes read.
struct DryRun: Sendable {
    let parts: DaemonParts

    struct Refusal: Error, CustomStringConvertible {
        var description: String
    }

    /// - Throws: the reason why the kernel cannot be read; `Refusal` before the daemon's first snapshot.
    func report(_ request: DiffRequest) async throws -> DiffReport {
        var facts = parts.board.facts
        var report = DiffReport(node: parts.options.node)
        if let files = request.files {
            try await plan(files.map(ManifestFile.init), into: &facts, &report)
        } else {
            guard facts.hasSnapshot else {
                throw Refusal(
                    description: facts.source.error ?? facts.source.doubt
                        ?? "wgd has not read its manifests yet: ask again")
            }
            if let reason = facts.source.error { report.remarks.append(reason) }
            report.findings = facts.accepted.findings
            let conflicts = facts.hostConflicts.barred.values.sorted()
            report.unserved = [facts.source.error, facts.source.doubt].compactMap { $0 } + conflicts
        }
        let held = facts.accepted.held
        report.blocked = held.isEmpty ? nil : held
        report.add(violations: facts.policyViolations)
        try await compare(facts, &report)
        return report
    }

    /// Accepts and plans a snapshot as `HostController` does, with the same history, but creates no host key.
    private func plan(_ files: [ManifestFile], into facts: inout Facts, _ report: inout DiffReport) async throws {
        let lastGood = await parts.controller.acceptance.lastGood
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
        let hostFacts = await controller.facts(for: accepted.live, frozen: judgement.frozen, identities: identities)
        report.unserved = hostFacts.barredOverlays.values.sorted()
        let desired = Planner.plan(judgement.resources, facts: hostFacts)
        let violations = await controller.messages(of: judgement, in: accepted, places: acceptor)
        facts.policyViolations = violations
        facts[HostIdentity.self].identities = identities
        facts[PlanState.self].want(desired)
        facts.accepted = accepted
    }

    private func compare(_ facts: Facts, _ report: inout DiffReport) async throws {
        if facts.desired.node == nil {
            let reason = "no valid Node is named \(parts.options.node): nothing is wanted"
            report.remarks.append(reason)
            report.unserved?.append(reason)
        }
        var facts = facts
        var previews: [any LanePreview] = []
        for lane in parts.lanes.all {
            do {
                previews.append(try await lane.preview(&facts))
            } catch {
                guard let subject = lane.traits.notCompared else { throw error }
                report.unknown.append("\(subject) not compared: \(error)")
                lane.showNothing(in: &facts)
            }
        }
        let comparisons = previews.map { $0.compared(facts, localNode: parts.options.node) }
        for comparison in comparisons { comparison.addChanges(to: &report) }
        for comparison in comparisons { comparison.addWaiting(to: &report) }
        for comparison in comparisons { comparison.addLater(to: &report) }
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

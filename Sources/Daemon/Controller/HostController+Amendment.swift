internal import Convergence
internal import HostPolicy
internal import HostState
internal import Manifest
internal import ManifestWatch
internal import NetAddress
internal import NetworkLane
internal import Planner
internal import Reconciler
internal import Resources
internal import RouteNetlink

extension HostController {
    /// Applies a few changed files before the whole fleet is judged, where the result is certain to be the same: the
    /// cost of one edit does not grow with the fleet. The whole snapshot is accepted right after, as always.
    func anticipate(_ files: [SourceFile]) async {
        guard isFollowing, quarantine.isEmpty, let changed = changed(in: files), !changed.isEmpty,
            let amendment = acceptor.amendment(of: changed, on: options.node)
        else { return }
        let (number, live) = (facts.plan.value.number, facts.manifests.value.accepted.live)
        guard !amendment.after.isEmpty, let node = live.nodes.first(where: { isHost($0) }),
            let before = allowed(amendment.before, beside: node, in: live),
            let after = allowed(amendment.after, beside: node, in: live),
            let hostFacts = await factsForPart(after),
            let change = Planner.amendment(
                node: node, overlays: live.overlays, with: Amendment(before: before, after: after), facts: hostFacts)
        else { return }
        // Finding paths took time; and many changes of other hosts do not concern this host.
        let scope = change.scope
        guard isFollowing, !scope.isEmpty else { return }
        let isTaken = facts.plan.update { plan in plan.number == number && plan.amend(scope) { $0.amend(change) } }
        guard isTaken else { return }
        let network = lanes.networkBackend
        await lanes.network.applyPart("manifests", isDrift: false) { network.part(scope, $0) }
    }

    /// The files whose contents differ from the last snapshot's; nil when one was added, removed or is unreadable.
    private func changed(in files: [SourceFile]) -> [ManifestFile]? {
        guard files.count == self.files.count else { return nil }
        var changed: [ManifestFile] = []
        for (file, before) in zip(files, self.files) {
            guard file.path == before.path, case .bytes(let bytes) = file.contents,
                case .bytes(let old) = before.contents
            else { return nil }
            if bytes != old { changed.append(ManifestFile(path: file.path, contents: .bytes(bytes))) }
        }
        return changed
    }

    private func isHost(_ node: Node) -> Bool { node.metadata.name == options.node }

    /// Other hosts' Nodes as this host's policy allows them; nil when the policy freezes any part of them.
    private func allowed(_ nodes: [Node], beside own: Node, in live: ResourceSet) -> [Node]? {
        let judgement = judge(ResourceSet(nodes: [own] + nodes, overlays: live.overlays))
        let isHeld = nodes.contains { judgement.violations[.node($0.metadata.name)] != nil }
        return isHeld || !judgement.frozen.routes.isEmpty ? nil : Array(judgement.resources.nodes.dropFirst())
    }

    /// The facts of the last plan, plus the paths to these nodes; nil before the first plan.
    private func factsForPart(_ nodes: [Node]) async -> HostFacts? {
        guard var facts = plannedFacts else { return nil }
        let unknown = endpoints(of: nodes).filter { facts.pathMTUs[$0] == nil }
        guard !unknown.isEmpty else { return facts }
        guard let paths = try? await routes.pathMTUs(to: unknown) else { return nil }
        underlay.add(paths)
        facts.pathMTUs.merge(paths) { _, new in new }
        return facts
    }
}

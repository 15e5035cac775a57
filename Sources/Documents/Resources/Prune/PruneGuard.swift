/// Decides which deletions of a new snapshot need an operator's confirmation (invariant I3). Pure.
///
/// Blocked are the deletion of this host's own Node, of the last Overlay that it is part of, of an Overlay that another
/// one seems to replace and cannot take over, of everything, and of more than the limits allow at once. A container
/// that goes from one Node to another is moved, and an Overlay that another one takes over is renamed, not deleted.
struct PruneGuard {
    private let request: PruneRequest
    private let before: [ResourceKey: TypedResource]
    private let after: [ResourceKey: TypedResource]
    private let renames: OverlayRenames

    /// - Parameters:
    ///   - before: the live versions of the time before.
    ///   - after: those that the new snapshot would make live.
    init(
        _ request: PruneRequest, before: [ResourceKey: TypedResource], after: [ResourceKey: TypedResource],
        renames: OverlayRenames
    ) {
        self.request = request
        self.before = before
        self.after = after
        self.renames = renames
    }

    /// What has to wait; empty when the change may go ahead.
    func held() -> HeldDeletions {
        let deletions = deletions()
        // What was confirmed may bring more with it that was kept along with it: a container of a Node that stayed whole.
        let open = deletions.filter { !request.confirmed.contains($0) }
        guard !open.isEmpty else { return HeldDeletions() }
        let live = before.values.reduce(before.count) { $0 + ($1.content.node?.spec.containers.count ?? 0) }
        if after.isEmpty {
            let reason = "everything would be deleted (\(live) resources and containers)"
            return HeldDeletions(reasons: [reason], deletions: deletions)
        }
        if request.limits.isExceeded(by: open.count, of: live) {
            let reason =
                "\(open.count) of \(live) resources and containers would be deleted, "
                + "the limit is \(request.limits.percent) %"
            return HeldDeletions(reasons: [reason], deletions: open)
        }
        var held = ownNode(open)
        held.add(lastOverlays(open))
        held.add(replacedOverlays(open, besides: Set(held.deletions)))
        return held
    }

    /// Sorted. The containers of a Node that goes are counted too.
    private func deletions() -> [Deletion] {
        var gone: [Deletion] = []
        var arrived: [String: Int] = [:]
        let renamed = Set(renames.former.values)
        for (key, resource) in before where after[key] !== resource {
            let there = after[key]
            if there == nil, key.kind != .overlay || !renamed.contains(key.name) { gone.append(Deletion(key)) }
            let containers = names(there)
            gone += names(resource).subtracting(containers).map { Deletion(key, container: $0) }
        }
        guard !gone.isEmpty else { return [] }
        for (key, resource) in after where before[key] !== resource {
            for name in names(resource).subtracting(names(before[key])) { arrived[name, default: 0] += 1 }
        }
        return gone.sorted().filter { deletion in
            guard let name = deletion.container, let count = arrived[name], count > 0 else { return true }
            arrived[name] = count - 1
            return false
        }
    }

    private func names(_ resource: TypedResource?) -> Set<String> {
        Set(resource?.content.node?.spec.containers.map(\.name) ?? [])
    }

    private func ownNode(_ deletions: [Deletion]) -> HeldDeletions {
        let own = ResourceKey(.node, request.node)
        guard deletions.contains(Deletion(own)) else { return HeldDeletions() }
        let consequence =
            successor(of: own).map {
                "\($0) has its public key: finish the rename with `wgctl adopt --from \(request.node)`"
            } ?? "the other hosts no longer have it as a peer, so it is cut off from them"
        return HeldDeletions(
            reasons: ["\(own), which is this host, would be deleted; \(consequence)"],
            deletions: deletions.filter { $0.key == own })
    }

    /// A Node that came with the public key of one that goes: the same host under a new name.
    private func successor(of node: ResourceKey) -> ResourceKey? {
        guard let key = before[node]?.content.node?.spec.publicKey else { return nil }
        return after.filter { before[$0.key] == nil && $0.value.content.node?.spec.publicKey == key }.keys.min()
    }

    private func lastOverlays(_ deletions: [Deletion]) -> HeldDeletions {
        let memberships = before[ResourceKey(.node, request.node)]?.content.node?.spec.overlays.map(\.name) ?? []
        let overlays = memberships.map { ResourceKey(.overlay, $0) }.filter { before[$0] != nil }
        guard !overlays.isEmpty, overlays.allSatisfy({ deletions.contains(Deletion($0)) }) else {
            return HeldDeletions()
        }
        let names = overlays.sorted().map(\.description).joined(separator: ", ")
        let obstacles = overlays.sorted().compactMap { renames.obstacles[$0.name] }
        return HeldDeletions(
            reasons: obstacles.isEmpty
                ? ["\(names) would be deleted, and this host would be in no overlay any more"] : obstacles,
            deletions: overlays.sorted().map { Deletion($0) })
    }

    private func replacedOverlays(_ deletions: [Deletion], besides held: Set<Deletion>) -> HeldDeletions {
        let replaced = deletions.filter { deletion in
            deletion.key.kind == .overlay && !held.contains(deletion) && renames.obstacles[deletion.key.name] != nil
        }
        return HeldDeletions(reasons: replaced.compactMap { renames.obstacles[$0.key.name] }, deletions: replaced)
    }
}

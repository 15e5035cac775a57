/// Decides which deletions of a new snapshot need an operator's word (invariant I3). Pure.
///
/// Held are the deletion of this host's own Node, of the last Overlay that it is part of, of everything, and of more
/// than the limits allow at once. A container that goes from one Node to another is moved, not deleted.
struct PruneGuard {
    private let request: PruneRequest
    private let before: [ResourceKey: TypedResource]
    private let after: [ResourceKey: TypedResource]

    /// - Parameters:
    ///   - before: the live versions of the time before.
    ///   - after: those that the new snapshot would make live.
    init(_ request: PruneRequest, before: [ResourceKey: TypedResource], after: [ResourceKey: TypedResource]) {
        self.request = request
        self.before = before
        self.after = after
    }

    /// What has to wait; empty when the change may go ahead.
    func held() -> HeldDeletions {
        let deletions = deletions()
        guard !deletions.isEmpty, !request.confirmed.isSuperset(of: deletions) else { return HeldDeletions() }
        let live = before.values.reduce(before.count) { $0 + ($1.content.node?.spec.containers.count ?? 0) }
        if after.isEmpty {
            let reason = "everything would be deleted (\(live) resources and containers)"
            return HeldDeletions(reasons: [reason], deletions: deletions)
        }
        if request.limits.isExceeded(by: deletions.count, of: live) {
            let reason =
                "\(deletions.count) of \(live) resources and containers would be deleted, "
                + "the limit is \(request.limits.percent) %"
            return HeldDeletions(reasons: [reason], deletions: deletions)
        }
        return ownNode(deletions).joined(lastOverlays(deletions))
    }

    /// Sorted. The containers of a Node that goes are counted too.
    private func deletions() -> [Deletion] {
        var gone: [Deletion] = []
        var arrived: [String: Int] = [:]
        for (key, resource) in before where after[key] !== resource {
            let there = after[key]
            if there == nil { gone.append(Deletion(key)) }
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
        return HeldDeletions(
            reasons: ["\(own), which is this host, would be deleted"],
            deletions: deletions.filter { $0.key == own })
    }

    private func lastOverlays(_ deletions: [Deletion]) -> HeldDeletions {
        let memberships = before[ResourceKey(.node, request.node)]?.content.node?.spec.overlays.map(\.name) ?? []
        let overlays = memberships.map { ResourceKey(.overlay, $0) }.filter { before[$0] != nil }
        guard !overlays.isEmpty, overlays.allSatisfy({ after[$0] == nil }) else { return HeldDeletions() }
        let names = overlays.sorted().map(\.description).joined(separator: ", ")
        return HeldDeletions(
            reasons: ["\(names) would be deleted, and this host be in no overlay any more"],
            deletions: overlays.sorted().map { Deletion($0) })
    }
}

extension HeldDeletions {
    fileprivate func joined(_ other: HeldDeletions) -> HeldDeletions {
        HeldDeletions(reasons: reasons + other.reasons, deletions: (deletions + other.deletions).sorted())
    }
}

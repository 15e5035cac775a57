internal import Manifest

/// What an edit would delete and may not, kept with everything that hangs on it (invariant I10).
extension Acceptor {
    /// Settles the contenders so that nothing is deleted that has to wait.
    ///
    /// An Overlay that a live Node refers to is kept; so is what the prune guard blocks, and then every Node that was a
    /// member of a blocked Overlay keeps the version that was. Each time the rules decide anew: what is kept wins over
    /// newcomers, because it has the history.
    ///
    /// - Parameters:
    ///   - history: the last good versions of these contenders, and of what is gone.
    ///   - present: what a document holds.
    func keeping(
        _ contenders: Contenders, after history: [ResourceKey: ResourceVersion], for request: PruneRequest,
        present: Set<ResourceKey>
    ) -> (settled: Contenders, held: HeldDeletions, renames: OverlayRenames) {
        var contenders = contenders
        var held = HeldDeletions()
        var kept: Set<ResourceKey> = []
        let before = history.mapValues(\.resource)
        while true {
            let settled = settled(contenders, after: history)
            let used = overlaysInUse(settled, after: history, request).filter { kept.insert($0.key).inserted }
            if !used.isEmpty {
                held.add(HeldDeletions(inUse: used))
                contenders.put(used.map { Contender(keepingInUse: $0.version, referredToBy: $0.user) })
                continue
            }
            let live = Dictionary(uniqueKeysWithValues: settled.all.compactMap(\.live).map { ($0.key, $0.resource) })
            let renames = OverlayRenames(before: before, after: live, node: request.node)
            // What a resource that is there and yet not live had is not deleted: its author has to correct it.
            let after = before.filter { present.contains($0.key) }.merging(live) { _, live in live }
            let blocked = PruneGuard(request, before: before, after: after, renames: renames).held()
            let keys = blocked.deletions.map(\.key)
            let members = formerMembers(
                of: Set(keys.filter { $0.kind == .overlay }.map(\.name)), after: history, settled)
            let new = Set(keys + members).filter { kept.insert($0).inserted }
            guard !new.isEmpty else { return (settled, held, renames) }
            held.add(blocked)
            contenders.put(
                new.sorted().compactMap { history[$0] }.map {
                    Contender(holding: $0, at: contenders[$0.key]?.location, held: blocked)
                })
        }
    }

    fileprivate struct UsedOverlay {
        let version: ResourceVersion
        /// The first Node by name that refers to it.
        let user: ResourceVersion

        var key: ResourceKey { version.key }
    }

    /// Overlays that no document holds any more and that a live Node refers to.
    private func overlaysInUse(
        _ settled: Contenders, after history: [ResourceKey: ResourceVersion], _ request: PruneRequest
    ) -> [UsedOverlay] {
        let gone = history.values.filter { version in
            version.key.kind == .overlay && settled[version.key] == nil
                && !request.confirmed.contains(Deletion(version.key))
        }
        guard !gone.isEmpty else { return [] }
        var users: [String: ResourceVersion] = [:]
        for node in settled.all.compactMap(\.live) {
            for membership in node.content.node?.spec.overlays ?? [] where users[membership.name] == nil {
                users[membership.name] = node
            }
        }
        return gone.sorted { $0.key < $1.key }.compactMap { version in
            users[version.key.name].map { UsedOverlay(version: version, user: $0) }
        }
    }

    /// Nodes that were members of an Overlay before and would not be any more.
    private func formerMembers(
        of overlays: Set<String>, after history: [ResourceKey: ResourceVersion], _ settled: Contenders
    ) -> [ResourceKey] {
        guard !overlays.isEmpty else { return [] }
        return history.values.filter { version in
            guard let live = settled[version.key]?.live, live !== version else { return false }
            return !version.memberships.intersection(overlays).isSubset(of: live.memberships)
        }.map(\.key)
    }
}

extension ResourceVersion {
    /// The names of the Overlays that a Node is a member of; empty for any other kind.
    fileprivate var memberships: Set<String> { Set(content.node?.spec.overlays.map(\.name) ?? []) }
}

extension HeldDeletions {
    fileprivate init(inUse overlays: [Acceptor.UsedOverlay]) {
        self.init(
            reasons: overlays.map { "\($0.key) is in no document, and \($0.user.key) refers to it" },
            deletions: overlays.map { Deletion($0.key) })
    }
}

import HostState

extension KernelDifference {
    /// Links that somebody else has renamed get their names back: tunnel, ports and sessions live on.
    ///
    /// One is told from a link whose name was changed in the manifests by the inventory, which knows every name that we
    /// gave. Without an inventory, and where several could be meant, links are made anew. What hangs on a link is
    /// observed under its name: it waits for the look after the rename, and nothing else does, since the kernel may
    /// refuse one for good.
    mutating func renameLinks() {
        guard !inventory.links.isEmpty else { return }
        let ends = desired.links.compactMap { link in
            link.peerName.map { DesiredLink(name: $0, kind: link.kind, alias: link.alias) }
        }
        let wanted = desired.links + ends
        for link in wanted where observed.links[link.name] == nil {
            let renamed = observed.links.values.filter { found in
                found.alias == link.alias && isOurs(found) && link.kind.matches(found.kind)
                    && !inventory.links.contains(found.name) && !wanted.contains { $0.name == found.name }
            }
            guard renamed.count == 1, misnamed.insert(renamed[0].name).inserted else { continue }
            blocked.insert(link.name)
            emit(.renameLink(renamed[0], to: link.name))
        }
    }
}

import Convergence
import HostState

extension KernelDifference {
    /// Creates and updates bridges and tunnels first, then ports; deletions become departures.
    mutating func compareLinks() {
        let links = desired.links
        for link in links.filter({ $0.master == nil }) + links.filter({ $0.master != nil }) { compare(link) }
        revived = created.union(links.map(\.name).filter { observed.links[$0]?.isUp == false })
        let peers = Set(links.compactMap(\.peerName))
        let surplus = observed.links.values.filter { link in
            desiredLinks[link.name] == nil && !peers.contains(link.name) && isOurs(link)
                && !misnamed.contains(link.name)
        }
        // Ports and tunnels before bridges. Deleting one end of a veth deletes both.
        var gone: Set<String> = []
        for link in surplus.sorted(by: {
            ($0.kind == "bridge" ? 1 : 0, $0.name) < ($1.kind == "bridge" ? 1 : 0, $1.name)
        })
        where !gone.contains(link.name) {
            if link.kind == "veth" {
                guard link.alias.map(remadePairs.contains) != true else { continue }
                gone.formUnion(surplus.filter { $0.kind == "veth" && $0.alias == link.alias }.map(\.name))
            }
            delete(link)
        }
    }

    private mutating func compare(_ link: DesiredLink) {
        if let master = link.master, blocked.contains(master) { blocked.insert(link.name) }
        guard !blocked.contains(link.name) else { return }
        guard let before = observed.links[link.name] else {
            if let peer = link.peerName, let other = observed.links[peer] {
                if isOurs(other) && link.kind.matches(other.kind) { return remake(link, from: other) }
                return conflict(peer, other, overlay: overlay(ofLink: link.name), also: link.name)
            }
            created.insert(link.name)
            return emit(.createLink(link))
        }
        let hasKind = link.kind.matches(before.kind)
        let isUnmarked = before.alias == nil || context.ownLinks[link.name] == before.index
        guard isOurs(before) || (hasKind && isUnmarked && inventory.links.contains(link.name)) else {
            return conflict(link.name, before, overlay: overlay(ofLink: link.name), also: link.name)
        }
        guard hasKind, hasBothEnds(link) else { return remake(link, from: before) }
        if link.differs(from: before) { emit(.updateLink(link, before: before)) }
        comparePeer(of: link)
    }

    /// Whether the far end of a veth pair of ours exists here: moved to another network namespace it is down and takes
    /// the carrier along. One that waits for its name counts as existing.
    private func hasBothEnds(_ link: DesiredLink) -> Bool {
        guard let end = link.peerName else { return true }
        return observed.links[end] != nil || blocked.contains(end)
    }

    private mutating func remake(_ link: DesiredLink, from standing: ObservedLink) {
        let kind = link.kind.matches(standing.kind) ? nil : FieldChange("kind", standing.kind, link.kindText)
        result.replacements[.link(link.name)] = Replacement(fields: [kind].compactMap { $0 })
        emit(.deleteLink(standing))
        forget(standing.name)
        if let end = link.peerName {
            forget(end)
            if let mark = standing.alias { remadePairs.insert(mark) }
        }
        created.insert(link.name)
        emit(.createLink(link))
    }

    /// The far end of our veth pair: up and marked, because the bridge's carrier depends on it.
    private mutating func comparePeer(of link: DesiredLink) {
        guard let name = link.peerName, let before = observed.links[name], before.kind == "veth" else { return }
        let end = DesiredLink(name: name, kind: .veth(peer: link.name), alias: link.alias)
        if end.differs(from: before) { emit(.updateLink(end, before: before)) }
    }

    private mutating func conflict(_ name: String, _ link: ObservedLink, overlay: String, also wanted: String) {
        blocked.insert(wanted)
        let kind = link.kind.isEmpty ? "hardware" : link.kind
        let owner = "kind \(kind), no alias \"\(OwnershipMark.alias(overlay: overlay))\""
        let message =
            context.frozen.contains(link)
            ? "\(name) stays with \(link.alias ?? ""), which is kept as it is on this host: "
                + "give the overlay another interface name"
            : "\(name) exists and is not ours (\(owner)): "
                + "rename or delete it, or give the overlay another interface name"
        result.conflicts.append(Conflict(object: "link/\(name)", owner: overlay, ownerKind: .overlay, message: message))
    }

    /// A link's objects are deleted with it, so that the rest of the comparison creates them again.
    private mutating func forget(_ name: String) {
        observed.addresses.removeAll { $0.interface == name }
        observed.routes.removeAll { $0.interface == name }
        observed.proxyNeighbours = observed.proxyNeighbours.filter { $0.interface != name }
        observed.devices[name] = nil
        for key in observed.sysctls.keys where SysctlKey.interface(of: key) == name { observed.sysctls[key] = nil }
    }

    private mutating func delete(_ link: ObservedLink) {
        // A surplus port may leave a bridge that stays.
        let bridge = link.kind == "bridge" ? link.name : link.master
        if let bridge, desiredLinks[bridge] == nil, let reason = reasonToKeepBridge(bridge) {
            postpone(.deleteLink(link), reason)
        } else {
            departures.links.append(.deleteLink(link))
        }
    }

    /// netavark fails to detach a container from a deleted bridge: our network on it must be deleted first.
    private func reasonToKeepBridge(_ bridge: String) -> String? {
        switch context.podman {
        case .unknown: return "waiting for Podman's first answer"
        case .unavailable: return nil
        case .observed(let podman):
            let network = podman.networks.values.filter { $0.bridge == bridge && inventory.owns($0) }.map(\.name).min()
            return network.map { "waiting until the Podman network \($0) is gone" }
        }
    }
}

extension DesiredLink {
    /// The far end of a veth pair.
    var peerName: String? {
        if case .veth(let peer) = kind { return peer }
        return nil
    }

    /// Compares what is desired, and an undesired master: a VRF or bridge takes the routes along. Every link of ours is
    /// up.
    func differs(from link: ObservedLink) -> Bool {
        !link.isUp || alias != link.alias || mtu.map { $0 != link.mtu } ?? false
            || macAddress.map { $0 != link.macAddress } ?? false || master != link.master
    }
}

extension DesiredLink.Kind {
    /// Whether `IFLA_INFO_KIND` is this kind. An existing WireGuard interface keeps its backend: wireguard-go's is a
    /// `tun`.
    func matches(_ kind: String) -> Bool {
        switch self {
        case .bridge: kind == "bridge"
        case .veth: kind == "veth"
        case .wireguard: kind == "wireguard" || kind == "tun"
        }
    }
}

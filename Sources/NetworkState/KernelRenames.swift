import Convergence
import HostState
import NetAddress

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

    /// Keeps what carries routes until a rename lets them be put right.
    ///
    /// A route out of a link without its name, or to go out of one, stays as it is for now. The kernel deletes it with
    /// the link that it is on, and an IPv4 one with the last copy of its source address, whatever link that is on too.
    mutating func holdForRenames() {
        guard !misnamed.isEmpty else { return }
        let pending = routesThatWait()
        var carriers: [String: String] = [:]
        for (route, link) in pending { if let carrier = route.interface { carriers[carrier] = link } }
        departures.links = postpone(departures.links) { change in
            if case .deleteLink(let link) = change { carriers[link.name] } else { nil }
        }

        let standing = standingAfterwards()
        var sources: [IPAddress: String] = [:]
        for (route, link) in pending {
            guard let source = route.preferredSource, source.family == .v4, !standing.contains(source) else { continue }
            sources[source] = link
        }
        departures.addresses = postpone(departures.addresses) { change in
            if case .deleteAddress(let address) = change { sources[address.address] } else { nil }
        }
        let addresses = observed.addresses
        departures.links = postpone(departures.links) { change in
            guard case .deleteLink(let link) = change else { return nil }
            return addresses.filter { $0.interface == link.name }.compactMap { sources[$0.address] }.first
        }
    }

    /// The routes that this comparison leaves for the look after a rename, each with the link to be renamed.
    private func routesThatWait() -> [(route: ObservedRoute, link: String)] {
        var standsAs: [String: String] = [:]
        for case .renameLink(let link, let name) in result.changes { standsAs[name] = link.name }
        var ways: [CIDR: String] = [:]
        for route in desired.routes { ways[route.destination] = standsAs[route.interface] }
        return observed.routes.compactMap { route in
            guard route.protocolNumber == OwnershipMark.routeProtocol, let interface = route.interface else {
                return nil
            }
            let link = misnamed.contains(interface) ? interface : ways[route.destination]
            return link.map { (route, $0) }
        }
    }

    /// The addresses of which a copy is on the host when all changes so far are made.
    private func standingAfterwards() -> Set<IPAddress> {
        var leaving: Set<AddressKey> = []
        var leavingLinks: Set<String> = []
        for change in departures.addresses + departures.links {
            if case .deleteAddress(let address) = change { leaving.insert(AddressKey(address)) }
            if case .deleteLink(let link) = change { leavingLinks.insert(link.name) }
        }
        let staying = observed.addresses.filter {
            !leaving.contains(AddressKey($0)) && !leavingLinks.contains($0.interface)
        }
        let coming = result.changes.compactMap { change in
            if case .addAddress(let address) = change { address.address } else { nil }
        }
        return Set(staying.map(\.address) + coming)
    }

    /// The same without the changes that wait for a link's name.
    private mutating func postpone(_ changes: [KernelChange], for link: (KernelChange) -> String?) -> [KernelChange] {
        changes.filter { change in
            guard let link = link(change) else { return true }
            postpone(change, "waiting until \(link) has its name back")
            return false
        }
    }
}

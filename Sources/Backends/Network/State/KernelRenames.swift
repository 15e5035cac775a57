import Convergence
import HostState
import NetAddress

extension KernelDifference {
    /// Restores the names of links that another program renamed: tunnel, ports and sessions survive.
    ///
    /// The inventory, which knows every name that we gave, distinguishes this from a name changed in the manifests.
    /// Without an inventory, and when several links match, links are recreated. Objects on a link are observed under
    /// its name: they wait for the observation after the rename. Nothing else waits, since the kernel may refuse a
    /// rename permanently.
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

    /// Keeps what carries routes until a rename allows them to be corrected.
    ///
    /// A route that uses, or is to use, a misnamed link is not changed for now. The kernel deletes it with its link,
    /// and an IPv4 one also with the last copy of its source address, on whatever link that is.
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

    /// The routes that this comparison leaves for the observation after a rename, each with the link to be renamed.
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

    /// The addresses that exist on the host after all changes so far.
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

    /// Returns the changes that do not wait for a link's name; postpones the others.
    private mutating func postpone(_ changes: [KernelChange], for link: (KernelChange) -> String?) -> [KernelChange] {
        changes.filter { change in
            guard let link = link(change) else { return true }
            postpone(change, "waiting until \(link) has its name back")
            return false
        }
    }
}

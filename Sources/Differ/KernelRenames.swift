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

    /// Keeps the source addresses of routes that wait for a rename.
    ///
    /// The kernel deletes an IPv4 route together with the last copy of its source address, whatever link that is on,
    /// and the route cannot be given up or told to do without while its link has another name.
    mutating func holdSources() {
        var holders: [IPAddress: String] = [:]
        for route in observed.routes where route.protocolNumber == OwnershipMark.routeProtocol {
            guard let link = route.interface, misnamed.contains(link), let source = route.preferredSource,
                source.family == .v4
            else { continue }
            holders[source] = link
        }
        guard !holders.isEmpty else { return }
        for address in standingAfterwards() { holders[address] = nil }
        departures.addresses = hold(departures.addresses, holders)
        departures.links = hold(departures.links, holders)
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
            if case .kernel(.addAddress(let address)) = change { address.address } else { nil }
        }
        return Set(staying.map(\.address) + coming)
    }

    /// The same without the changes that take a held address away.
    private mutating func hold(_ changes: [KernelChange], _ holders: [IPAddress: String]) -> [KernelChange] {
        changes.filter { change in
            let holder =
                switch change {
                case .deleteAddress(let address): holders[address.address]
                case .deleteLink(let link):
                    observed.addresses.filter { $0.interface == link.name }
                        .compactMap { holders[$0.address] }.first
                default: String?.none
                }
            if let holder { hold(change, "waiting until \(holder), whose routes need its address, has its name back") }
            return holder == nil
        }
    }
}

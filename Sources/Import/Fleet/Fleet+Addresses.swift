internal import Manifest
internal import NetAddress

/// Each host's own addresses in the overlay, one per family.
extension Fleet {
    mutating func decideAddresses() {
        var owners: [IPAddress: Origin] = [:]
        // Hosts that say it themselves go before what others say of a host.
        for index in members.indices {
            for address in members[index].tunnel?.addresses ?? [] {
                if let own = ownAddress(address, of: index, owners) {
                    owners[own.value] = own.origin
                    members[index].addresses.append(own)
                }
            }
        }
        for index in members.indices {
            for subnet in subnets where lacks(index, subnet.value.family) {
                let allowed = members[index].statements.flatMap(\.reach.allowedIPs)
                    .filter { $0.value.isHost && subnet.value.contains($0.value) }
                guard let first = allowed.first(where: { owners[$0.value.address] == nil }) else { continue }
                owners[first.value.address] = first.origin
                members[index].addresses.append(Sourced(value: first.value.address, origin: first.origin))
            }
        }
    }

    private func lacks(_ index: Int, _ family: IPAddress.Family) -> Bool {
        !members[index].addresses.contains { $0.value.family == family }
    }

    private mutating func ownAddress(
        _ address: Sourced<InterfaceAddress>, of index: Int, _ owners: [IPAddress: Origin]
    ) -> Sourced<IPAddress>? {
        let value = address.value.address
        if value.isLinkLocal {
            report.add(address.origin, "\(value) is link-local", "nothing replaces it: overlays have no such addresses")
            return nil
        }
        guard let subnet = subnets.first(where: { $0.value.family == value.family }) else { return nil }
        guard subnet.value.contains(value) else {
            report.add(
                address.origin, "\(value) lies outside of \(subnet.value), which is at \(subnet.origin.place)",
                "one overlay has one subnet of a family: import the other network by itself")
            return nil
        }
        if let first = owners[value] {
            report.add(
                address.origin, "\(value) is in use at \(first.place)",
                "give this host another address in spec.overlays[0].addresses")
            return nil
        }
        if !lacks(index, value.family) {
            report.add(
                address.origin, "\(value) is a second address of this host",
                "one address of a family is a host's own: give it to a container, or do without")
            return nil
        }
        if !address.value.isAlone, address.value.network != subnet.value, hints.subnets.isEmpty {
            report.add(
                address.origin,
                "the network is \(address.value.network) here, but \(subnet.value) at \(subnet.origin.place)",
                "\(subnet.value) was taken; correct spec.subnets of the Overlay, if it is the other")
        }
        return Sourced(value: value, origin: address.origin)
    }
}

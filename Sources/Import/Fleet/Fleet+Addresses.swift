internal import Manifest
internal import NetAddress

/// Each host's own addresses in the overlay, one per family.
extension Fleet {
    mutating func decideAddresses() {
        var owners: [IPAddress: Owner] = [:]
        // Hosts that say it themselves go before what others say of a host.
        for index in members.indices {
            for address in members[index].tunnel?.addresses ?? [] {
                if let own = ownAddress(address, of: index, owners) {
                    owners[own.value] = Owner(member: index, origin: own.origin)
                    members[index].addresses.append(own)
                }
            }
        }
        for index in members.indices {
            for subnet in subnets where lacks(index, subnet.value.family) {
                let allowed = members[index].statements.flatMap(\.reach.allowedIPs)
                    .filter { subnet.value.contains($0.value.address) && owners[$0.value.address] == nil }
                if let first = allowed.first(where: \.value.isAlone) {
                    owners[first.value.address] = Owner(member: index, origin: first.origin)
                    members[index].addresses.append(Sourced(value: first.value.address, origin: first.origin))
                } else if let first = allowed.first(where: { isMeantAsAddress($0.value, in: subnet.value) }) {
                    owners[first.value.address] = Owner(member: index, origin: first.origin)
                    members[index].addresses.append(Sourced(value: first.value.address, origin: first.origin))
                    members[index].guesses.insert(first.origin)
                    report.add(
                        first.origin,
                        "\(first.value) is all of \(first.value.network) to WireGuard; the address "
                            + "\(first.value.address) in it was taken as that of \(called(index))",
                        "write \(first.value.address.hostCIDR) there, if that is meant, "
                            + "else correct spec.overlays[0].addresses")
                }
            }
        }
    }

    /// `AllowedIPs = 10.0.0.2/24`, in a subnet of this length, where /32 is meant.
    private func isMeantAsAddress(_ allowed: InterfaceAddress, in subnet: CIDR) -> Bool {
        allowed.hasHostBits && allowed.network.contains(subnet) && allowed.address != subnet.address
            && (allowed.address.family == .v6 || allowed.address != subnet.lastAddress)
    }

    /// Who has an address, and by which line.
    private struct Owner {
        let member: Int
        let origin: Origin
    }

    private func lacks(_ index: Int, _ family: IPAddress.Family) -> Bool {
        !members[index].addresses.contains { $0.value.family == family }
    }

    private mutating func ownAddress(
        _ address: Sourced<InterfaceAddress>, of index: Int, _ owners: [IPAddress: Owner]
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
            // One line of an inventory may stand for several hosts.
            let place = first.origin == address.origin ? "by this very line" : "at \(first.origin.place)"
            report.add(
                address.origin,
                "\(called(index)) would have \(value), which \(called(first.member)) has \(place)",
                "give \(called(index)) another address in spec.overlays[0].addresses")
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

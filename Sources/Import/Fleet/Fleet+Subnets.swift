internal import NetAddress

/// Which subnet the hosts share.
extension Fleet {
    mutating func decideSubnets() {
        let found = IPAddress.Family.allCases.compactMap { family -> Sourced<CIDR>? in
            if let hinted = hints.subnets.first(where: { $0.family == family }), let origin = members.first?.origin {
                return Sourced(value: hinted, origin: origin.named("Address"))
            }
            return subnetOfAddresses(family) ?? subnetOfAllowedIPs(family) ?? guessedSubnet(family)
        }
        subnets = found
    }

    private func interfaceAddresses(_ family: IPAddress.Family) -> [Sourced<InterfaceAddress>] {
        members.lazy.compactMap(\.tunnel).flatMap(\.addresses).filter {
            $0.value.address.family == family && !$0.value.address.isLinkLocal
        }
    }

    /// `Address = 10.0.0.1/24`: the network that most hosts are in.
    private func subnetOfAddresses(_ family: IPAddress.Family) -> Sourced<CIDR>? {
        let networks = interfaceAddresses(family).filter { !$0.value.isAlone }
            .map { Sourced(value: $0.value.network, origin: $0.origin) }
        return mostFrequent(networks) { $0.prefixLength < $1.prefixLength }
    }

    /// `Address = 10.0.0.2/32`, and a peer with `AllowedIPs = 10.0.0.0/24`.
    private func subnetOfAllowedIPs(_ family: IPAddress.Family) -> Sourced<CIDR>? {
        let networks = members.filter { $0.tunnel != nil }.flatMap { member -> [Sourced<CIDR>] in
            let own = member.tunnel?.addresses.map(\.value.address) ?? []
            let allowed = member.tunnel?.peers.flatMap(\.reach.networks) ?? []
            return allowed.filter { network in
                network.value.family == family && !network.value.isHost && !network.value.isDefaultRoute
                    && own.contains(where: network.value.contains)
            }
        }
        return mostFrequent(networks) { $0.prefixLength > $1.prefixLength }
    }

    /// No length says it: the smallest network of the usual size, or wider, that holds every address.
    private mutating func guessedSubnet(_ family: IPAddress.Family) -> Sourced<CIDR>? {
        let own = interfaceAddresses(family).map { Sourced(value: $0.value.address, origin: $0.origin) }
        guard let first = own.first else { return nil }
        let others = members.filter { $0.tunnel == nil }.flatMap(\.statements).flatMap(\.reach.networks)
            .filter { $0.value.family == family && $0.value.isHost }.map(\.value.address)
        var length = family == .v4 ? 24 : 64
        while length > 0,
            !(own.map(\.value) + others).allSatisfy(CIDR(containing: first.value, prefixLength: length).contains)
        {
            length -= 1
        }
        let guess = CIDR(containing: first.value, prefixLength: length)
        report.add(
            first.origin, "no prefix length says which network the hosts share; \(guess) holds every address",
            "correct spec.subnets of the Overlay, if it is another")
        return Sourced(value: guess, origin: first.origin)
    }

    /// The value that stands most often; of equals the one that `isPreferred`, then the lowest. With its first place.
    private func mostFrequent(
        _ networks: [Sourced<CIDR>], isPreferred: (CIDR, CIDR) -> Bool
    ) -> Sourced<CIDR>? {
        let groups = Dictionary(grouping: networks, by: \.value)
        let best = groups.min { a, b in
            if a.value.count != b.value.count { return a.value.count > b.value.count }
            if a.key.prefixLength != b.key.prefixLength { return isPreferred(a.key, b.key) }
            return a.key < b.key
        }
        return best?.value.first
    }
}

extension CIDR {
    /// `0.0.0.0/0`, or a half of it, as two of them stand in for the default route.
    var isDefaultRoute: Bool { prefixLength <= 1 }
}

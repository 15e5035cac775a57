internal import Manifest
internal import NetAddress

/// Networks behind hosts: allowed IPs that are no address of a host.
extension Fleet {
    private struct Claim {
        var member: Int
        var speaker: Int
        var network: Sourced<CIDR>
    }

    mutating func decideRoutes() {
        let owners = SortedRanges(
            members.enumerated().flatMap { index, member in
                member.addresses.map { (network: $0.value.hostCIDR, value: index) }
            })
        let onward = onwardClaims()
        var taken = SortedRanges<Claim>()
        for claim in claims() {
            let network = claim.network.value
            if members[claim.member].guesses.contains(claim.network.origin) { continue }
            if network.isHost, owners.inside(network).contains(claim.member) { continue }
            // Slices of the subnet must be apart; of other networks the longest prefix wins.
            let isSlice = subnets.contains { $0.value.overlaps(network) }
            let isRival = { (other: Claim) in
                other.member != claim.member && (isSlice || other.network.value == network)
            }
            if let (reason, remedy) = untranslatable(claim, owners: owners, onward: onward) {
                report.add(claim.network.origin, reason, remedy)
            } else if let rival = taken.around(network).first(where: isRival)
                ?? taken.inside(network).first(where: isRival)
            {
                report.add(
                    claim.network.origin,
                    "\(network) is behind \(members[claim.member].name) here, but \(rival.network.value) behind "
                        + "\(members[rival.member].name) at \(rival.network.origin.place)",
                    "the first was taken; correct spec.overlays[0].routes")
            } else {
                taken.insert(claim, at: network)
                members[claim.member].routes.append(claim.network)
            }
        }
        for index in members.indices { members[index].routes.sort { $0.value < $1.value } }
    }

    /// Each network once for a host, however many say it.
    private func claims() -> [Claim] {
        members.indices.flatMap { index -> [Claim] in
            var seen: Set<CIDR> = []
            return members[index].statements.flatMap { statement in
                statement.reach.networks.filter { seen.insert($0.value).inserted }.map {
                    Claim(member: index, speaker: statement.speaker, network: $0)
                }
            }
        }
    }

    /// What a host sends on to others, by the host.
    private func onwardClaims() -> [Int: [Claim]] {
        var onward: [Int: [Claim]] = [:]
        for (index, member) in members.enumerated() {
            for statement in member.statements where statement.speaker != index {
                onward[statement.speaker, default: []] += statement.reach.networks.map {
                    Claim(member: index, speaker: statement.speaker, network: $0)
                }
            }
        }
        return onward
    }

    /// What takes the place of a way through another host.
    private func directly(lacksEndpoint: Bool) -> String {
        "hosts reach each other directly here"
            + (lacksEndpoint
                ? ", which needs spec.endpoint in the Node of one of both" : ", so that this is not needed")
    }

    /// Whether neither of two hosts can dial the other.
    private func hasNoPath(_ a: Int, _ b: Int) -> Bool { members[a].endpoint == nil && members[b].endpoint == nil }

    /// Why a network is no route of a host, whichever other hosts have it.
    private func untranslatable(
        _ claim: Claim, owners: SortedRanges<Int>, onward: [Int: [Claim]]
    ) -> (reason: String, remedy: String)? {
        let network = claim.network.value
        let name = members[claim.member].name
        if network.isDefaultRoute {
            return (
                "\(network) sends all traffic through \(name)",
                "that needs a Gateway; name the networks behind \(name) one by one in its routes"
            )
        }
        if let subnet = subnets.first(where: { network.contains($0.value) }) {
            let which = network == subnet.value ? "" : " \(subnet.value)"
            let silent = members.indices.filter { members[$0].endpoint == nil }
            return (
                "\(network) sends the whole subnet\(which) through \(name)",
                directly(lacksEndpoint: silent.count > 1)
            )
        }
        let hidden = owners.inside(network).first { $0 != claim.member }
        if let hidden {
            return (
                "\(network) sends the address of \(members[hidden].name) through \(name)",
                directly(lacksEndpoint: hasNoPath(claim.speaker, hidden))
            )
        }
        if let further = onward[claim.member]?.first(where: { network.contains($0.network.value) }) {
            return (
                "\(network) leads through \(name) to \(members[further.member].name) (\(further.network.origin.place))",
                directly(lacksEndpoint: hasNoPath(claim.speaker, further.member))
            )
        }
        if network.family == .v6, subnets.contains(where: { $0.value.contains(network) }) {
            return (
                "\(network) is a further IPv6 \(network.isHost ? "address" : "part") of the subnet at \(name)",
                "list the containers that have its addresses in the Node"
            )
        }
        return nil
    }
}

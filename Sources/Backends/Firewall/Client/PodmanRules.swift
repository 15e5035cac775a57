internal import NetAddress

/// Whether the rules exist that Podman (netavark) writes for the subnet of a network with running containers.
struct PodmanRules {
    let nft: NFTProgram

    /// The subnets without complete rules of any driver. Sorted.
    ///
    /// netavark's iptables driver, the only one in Debian 12, puts one rule with the subnet as its source into the
    /// chain NETAVARK_FORWARD of the table filter, and one into POSTROUTING of the table nat; its nftables driver has
    /// both in a separate table. nft neither sees nor flushes rules of iptables-legacy.
    func missing(of subnets: Set<CIDR>) throws(FirewallError) -> [CIDR] {
        var missing = subnets.sorted()
        for driver in PodmanRules.drivers {
            let asked = missing.filter { $0.family == driver.family }
            if asked.isEmpty { continue }
            let (forward, masquerade) = (try nft.chain(driver.forward), try nft.chain(driver.masquerade))
            let found = asked.filter { forward.contains("saddr \($0) ") && masquerade.contains("saddr \($0) ") }
            missing.removeAll(where: found.contains)
        }
        return missing
    }

    /// Where a driver of netavark puts the rules of a family; a subnet must be in both chains.
    private struct Driver {
        var family: IPAddress.Family
        /// Family, table and name.
        var forward: [String]
        var masquerade: [String]
    }

    private static let drivers = [
        Driver(family: .v4, forward: ["ip", "filter", "NETAVARK_FORWARD"], masquerade: ["ip", "nat", "POSTROUTING"]),
        Driver(
            family: .v6, forward: ["ip6", "filter", "NETAVARK_FORWARD"], masquerade: ["ip6", "nat", "POSTROUTING"]),
        nftables(.v4), nftables(.v6),
    ]

    private static func nftables(_ family: IPAddress.Family) -> Driver {
        Driver(
            family: family, forward: ["inet", "netavark", "FORWARD"],
            masquerade: ["inet", "netavark", "POSTROUTING"])
    }
}

import Firewall
import Foundation
import HostState
import NetAddress
import TestSupport
import Testing

@Suite struct MonitorTests {
    @Test(.timeLimit(.minutes(1))) func whoChangedOurTableIsToldAtOnce() async throws {
        let host = try Host()
        try await host.backend.replaceTable(Host.wanted)
        var hints = host.backend.drift.makeAsyncIterator()
        #expect(await hints.next() == "nftables changed by nft")
        // Nothing of this concerns us: the next hint is the flush's.
        try host.nft("add table inet other; add chain inet other input; delete table inet other")
        try host.nft("flush", "ruleset")
        #expect(await hints.next() == "nftables changed by nft")
        #expect(try await host.table() == nil)
    }

    @Test(.timeLimit(.minutes(1))) func aRivalIsRememberedForAMinute() async throws {
        let host = try Host()
        try await host.backend.replaceTable(Host.wanted)
        var hints = host.backend.drift.makeAsyncIterator()
        #expect(await hints.next() == "nftables changed by nft")
        #expect(host.backend.rival() == nil)
        // A program goes by the name that it was started under.
        let folder = URL(filePath: temporaryPath("rival"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = try run("sh", "-c", "command -v nft").trimmingCharacters(in: .newlines)
        let rival = folder.appending(path: "firewalld")
        try FileManager.default.createSymbolicLink(atPath: rival.path, withDestinationPath: path)
        try host.namespace.execute(rival.path, "delete", "table", "inet", DesiredFirewall.table)
        #expect(await hints.next() == "nftables changed by firewalld")
        let seen = ContinuousClock.now
        #expect(host.backend.rival(at: seen) == "firewalld")
        #expect(host.backend.rival(at: seen + .seconds(61)) == nil)
    }

    @Test(.timeLimit(.minutes(1))) func rulesOfPodmanThatGoAreTold() async throws {
        let host = try Host()
        try host.nft("add table ip filter; add chain ip filter NETAVARK_FORWARD")
        try host.nft("add rule ip filter NETAVARK_FORWARD ip saddr 10.0.0.0/24 accept")
        try host.nft("flush chain ip filter NETAVARK_FORWARD")
        var hints = host.backend.drift.makeAsyncIterator()
        #expect(await hints.next() == "nftables changed by nft")
    }

    /// What netavark's iptables driver writes, and its nftables driver.
    @Test(arguments: [
        ["ip filter NETAVARK_FORWARD", "ip nat POSTROUTING"],
        ["inet netavark FORWARD", "inet netavark POSTROUTING"],
    ])
    func subnetsThatPodmanLetsThroughAreFound(chains: [String]) async throws {
        let host = try Host()
        let subnet = try #require(CIDR("10.0.0.0/24"))
        let other = try #require(CIDR("10.0.0.0/25"))
        #expect(try await host.missing([subnet, other]) == [subnet, other])
        for chain in chains {
            let table = chain.split(separator: " ").dropLast().joined(separator: " ")
            try host.nft("add table \(table); add chain \(chain)")
            try host.nft("add rule \(chain) ip saddr 10.0.0.0/24 counter accept")
        }
        #expect(try await host.missing([subnet, other]) == [other])
        try host.nft("flush chain \(chains[1])")
        #expect(try await host.missing([subnet, other]) == [subnet, other])
    }

    @Test func anIPv6SubnetIsFound() async throws {
        let host = try Host()
        let subnet = try #require(CIDR("fd00:5::/64"))
        for chain in ["ip6 filter NETAVARK_FORWARD", "ip6 nat POSTROUTING"] {
            let table = chain.split(separator: " ").dropLast().joined(separator: " ")
            try host.nft("add table \(table); add chain \(chain); add rule \(chain) ip6 saddr fd00:5::/64 accept")
        }
        #expect(try await host.missing([subnet]) == [])
    }
}

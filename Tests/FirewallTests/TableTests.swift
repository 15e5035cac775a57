import Firewall
import HostState
import TestSupport
import Testing

@Suite struct TableTests {
    @Test func theTableIsMadeAndReadBackAsWanted() async throws {
        let host = try Host()
        #expect(try await host.table() == nil)
        try await host.backend.replaceTable(Host.wanted)
        #expect(try await host.table() == Host.table)
        #expect(
            try host.nft("list", "ruleset") == """
                table inet wgctl {
                \tchain forward {
                \t\ttype filter hook forward priority mangle; policy accept;
                \t\tiifname "wg0" tcp flags syn tcp option maxseg size set rt mtu comment "wgctl"
                \t\toifname "wg0" tcp flags syn tcp option maxseg size set rt mtu comment "wgctl"
                \t\tiifname "wg1" tcp flags syn tcp option maxseg size set rt mtu comment "wgctl"
                \t\toifname "wg1" tcp flags syn tcp option maxseg size set rt mtu comment "wgctl"
                \t}
                }

                """)
    }

    @Test func nothingIsRunWhileTheRulesetStands() async throws {
        let host = try Host()
        try await host.backend.replaceTable(Host.wanted)
        _ = try await host.table()
        let looks = await host.backend.looks
        for _ in 0..<5 { #expect(try await host.table() == Host.table) }
        #expect(await host.backend.looks == looks)
        try host.nft("add", "table", "inet", "other")
        #expect(try await host.table() == Host.table)
        #expect(await host.backend.looks == looks + 1)
        #expect(host.backend.writes == 1)
    }

    /// What is done by hand, and what of the table is left then.
    @Test(
        arguments: [
            (["flush ruleset"], nil),
            (["delete table inet wgctl"], nil),
            (["flush table inet wgctl"], ObservedFirewall.Table()),
            (
                ["add rule inet wgctl forward tcp dport 22 drop"],
                ObservedFirewall.Table(
                    clampedInterfaces: ["wg0", "wg1"], strangers: ["a rule in chain forward"], isMarked: true)
            ),
            (
                ["add chain inet wgctl mine", "add set inet wgctl numbers { type mark; }"],
                ObservedFirewall.Table(
                    clampedInterfaces: ["wg0", "wg1"], strangers: ["chain mine", "set numbers"], isMarked: true)
            ),
            (
                ["chain inet wgctl forward { policy drop; }"],
                ObservedFirewall.Table(strangers: ["chain forward"], isMarked: true)
            ),
            (
                ["flush chain inet wgctl forward", "add rule inet wgctl forward iifname wg0 tcp flags syn accept"],
                ObservedFirewall.Table(strangers: ["a rule in chain forward"])
            ),
            (
                [
                    "flush chain inet wgctl forward",
                    "add rule inet wgctl forward iifname wg0 tcp flags syn tcp option maxseg size set rt mtu comment wgctl",
                ], ObservedFirewall.Table(strangers: ["one rule of the two on wg0"], isMarked: true)
            ),
        ] as [([String], ObservedFirewall.Table?)])
    func whatIsDoneByHandIsSeenAndReplaced(commands: [String], left: ObservedFirewall.Table?) async throws {
        let host = try Host()
        try await host.backend.replaceTable(Host.wanted)
        #expect(try await host.table() == Host.table)
        for command in commands { try host.nft(command) }
        #expect(try await host.table() == left)
        try await host.backend.replaceTable(Host.wanted)
        #expect(try await host.table() == Host.table)
    }

    @Test func onlyOurTableGoes() async throws {
        let host = try Host()
        try host.nft("add table ip wgctl; add table inet filter")
        try await host.backend.replaceTable(Host.wanted)
        try await host.backend.deleteTable()
        try await host.backend.deleteTable()
        #expect(try await host.table() == nil)
        #expect(try host.nft("list", "tables") == "table ip wgctl\ntable inet filter\n")
    }

    @Test func aTableOfAnotherIsNotMarked() async throws {
        let host = try Host()
        try host.nft("add table inet wgctl; add chain inet wgctl input")
        #expect(try await host.table() == ObservedFirewall.Table(strangers: ["chain input"]))
    }

    @Test func aMissingProgramIsNamedWithItsPackage() async throws {
        let host = try Host(program: "/nowhere/nft")
        await #expect(throws: FirewallError.missing) { try await host.table() }
        await #expect(throws: FirewallError.missing) { try await host.backend.replaceTable(Host.wanted) }
        #expect("\(FirewallError.missing)".hasSuffix("apt-get install nftables"))
    }

    @Test func aRefusalIsToldWithoutTheInput() async throws {
        let host = try Host()
        let long = DesiredFirewall(clampedInterfaces: [String(repeating: "x", count: 40)])
        await #expect {
            try await host.backend.replaceTable(long)
        } throws: { "\($0)".hasPrefix("nft: replace the table inet wgctl: ") && !"\($0)".contains("xxxx") }
        #expect(try await host.table() == nil)
    }
}

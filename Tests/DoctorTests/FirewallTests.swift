import Doctor
import Foundation
import TestSupport
import Testing

/// Rulesets as nft and iptables-save print them, and what is said of them.
struct FirewallTests {
    private func complained(
        _ ruleset: String? = nil, iptables: [String: String] = [:], _ plant: (inout HostInspection) -> Void = { _ in }
    ) throws -> String {
        var host = soundHost()
        if let ruleset { host.firewall.nftables = .seen(try self.ruleset("\(ruleset).json")) }
        host.firewall.iptables = iptables.sorted { $0.key < $1.key }.map { .init(program: $0.key, text: $0.value) }
        plant(&host)
        return complaints(Doctor.diagnose(host, expecting: try overlay()))
    }

    /// Debian's /etc/nftables.conf of a server, with `policy drop` and a few services.
    @Test func aServersOwnRulesDropTheOverlay() throws {
        try expectGolden(try complained("server"), "Golden/firewall-server.txt")
    }

    @Test func theSameRulesWithTheRemediesInTheirPlaceLetItPass() throws {
        #expect(try complained("server-mended") == "")
    }

    @Test func firewalldRejectsTheOverlay() throws {
        try expectGolden(
            try complained("firewalld") { $0.services.processes.insert("firewalld") }, "Golden/firewall-firewalld.txt")
    }

    @Test func dockersForwardPolicyIsAWarningUntilNetavarkHasItsRules() throws {
        let docker = """
            *filter
            :INPUT ACCEPT [0:0]
            :FORWARD DROP [0:0]
            :OUTPUT ACCEPT [0:0]
            :DOCKER - [0:0]
            :DOCKER-USER - [0:0]
            -A FORWARD -j DOCKER-USER
            -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
            -A FORWARD -o docker0 -j DOCKER
            -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
            -A DOCKER-USER -j RETURN
            COMMIT

            """
        try expectGolden(try complained(iptables: ["iptables-nft": docker]), "Golden/firewall-docker.txt")
        let netavark = docker.replacing(
            "-A FORWARD -j DOCKER-USER",
            with: """
                -A FORWARD -m comment --comment "netavark firewall plugin rules" -j NETAVARK_FORWARD
                -A FORWARD -j DOCKER-USER
                -A NETAVARK_FORWARD -d 10.0.0.0/24 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
                -A NETAVARK_FORWARD -s 10.0.0.0/24 -j ACCEPT
                """
        ).replacing(":DOCKER -", with: ":NETAVARK_FORWARD - [0:0]\n:DOCKER -")
        #expect(try complained(iptables: ["iptables-nft": netavark]) == "")
        #expect(try complained(iptables: ["iptables-legacy": netavark]) == "")
    }

    /// What ufw 0.36 itself made of `ufw enable`, and of the remedies.
    @Test func ufwDropsWhatIsNotAllowed() throws {
        let enabled = try complained(iptables: ["iptables-nft": try ruleset("ufw.txt")]) {
            $0.firewall.isUfwEnabled = true
        }
        try expectGolden(enabled, "Golden/firewall-ufw.txt")
        #expect(try complained(iptables: ["iptables-nft": try ruleset("ufw-allowed.txt")]) == "")
    }

    /// A rule that may send the packet back makes what stands below it uncertain.
    @Test func whatAPacketMayNotReachDoesNotDropIt() throws {
        let text = try complained(iptables: [
            "iptables-nft": """
            *filter
            :INPUT ACCEPT [0:0]
            :other - [0:0]
            -A INPUT -j other
            -A other -m set --match-set peers src -j RETURN
            -A other -j DROP
            COMMIT

            """
        ])
        #expect(text == "")
    }

    /// Rules that nothing here understands may let the packet pass: an alarm would be a guess.
    @Test func aRuleThatIsNotUnderstoodMakesADropAWarning() throws {
        let text = try complained(iptables: [
            "iptables-nft": """
            *filter
            :INPUT DROP [0:0]
            -A INPUT -p udp -m udp --sport 53 -j ACCEPT
            -A INPUT -m set --match-set peers src -j ACCEPT
            COMMIT

            """
        ])
        #expect(text.hasPrefix("warning firewall/probes") && text.contains("not understood"), "\(text)")
        #expect(!text.contains("problem"), "\(text)")
    }

    @Test func packetsThatAreNotTrackedAreSaid() throws {
        let text = try complained("untracked")
        #expect(text.contains("firewall/connection tracking: table inet raw, chain prerouting"), "\(text)")
    }

    @Test func withoutRootTheProgramsAreAllThatIsKnown() throws {
        let text = try complained(nil) { host in
            host.firewall.nftables = .unseen("only root may read them")
            host.firewall.isUfwEnabled = true
            host.services.enabledUnits.insert("docker.service")
        }
        try expectGolden(text, "Golden/firewall-unseen.txt")
    }

    @Test func whatNftPrintsIsUnderstoodOrSaidNotToBe() throws {
        for json in ["", "{}", "[]", "{\"nftables\": [{\"rule\": {}}, {\"chain\": 3}, 7]}"] {
            var host = soundHost()
            host.firewall.nftables = .seen(json)
            let text = complaints(Doctor.diagnose(host, expecting: try overlay()))
            #expect(text.isEmpty || text.hasPrefix("unknown firewall/rules"), "\(json): \(text)")
        }
    }

    private func ruleset(_ name: String) throws -> String {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Rulesets/\(name)")
        return try String(contentsOf: file, encoding: .utf8)
    }
}

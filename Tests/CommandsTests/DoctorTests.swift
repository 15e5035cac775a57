import ControlAPI
import Daemon
import Doctor
import Foundation
import Glibc
import Manifest
import TestSupport
import Testing

@testable import Commands

/// `wgctl doctor`: its text, and the program on hosts with planted defects.
struct DoctorTests {
    private static let diagnoses = [
        Diagnosis(area: .kernel, check: "version", severity: .ok, found: "6.1.0-18-amd64"),
        Diagnosis(
            area: .networkManager, check: "interfaces", severity: .warning,
            found: "nothing tells it to leave br-wg0, va-wg0 and vb-wg0 alone",
            why: "a profile for any wired interface, or its own default one, takes the free end of an anchor",
            remedy: [
                "put this into /etc/NetworkManager/conf.d/50-wgctl.conf, then run nmcli general reload:", "[keyfile]",
                "unmanaged-devices+=interface-name:br-wg0;interface-name:va-wg0;interface-name:vb-wg0",
            ]),
        Diagnosis(
            area: .firewall, check: "port 51820/udp", severity: .problem,
            found: "table inet filter, chain input: policy drop; it drops WireGuard's packets on their way in",
            why: "peers cannot be reached until this host has sent to them first",
            remedy: ["nft 'insert rule inet filter input udp dport 51820 accept'"]),
        Diagnosis(
            area: .daemon, check: "key", severity: .unknown, found: "/var/lib/wgctl/keys: only root may look into it"),
    ]

    @Test func text() throws {
        let some = DoctorText(diagnoses: Self.diagnoses).lines
        try expectGolden(some.joined(separator: "\n") + "\n", "Golden/doctor.txt")
        let all = DoctorText(diagnoses: Self.diagnoses, showsAll: true, isColoured: true).lines
        try expectGolden(all.joined(separator: "\n") + "\n", "Golden/doctor-all.txt")
        #expect(DoctorText(diagnoses: [Self.diagnoses[0]]).lines == ["1 ok"])
    }

    @Test func whatWasFoundCannotMoveTheCursor() {
        let found = Diagnosis(area: .podman, check: "a", severity: .problem, found: "\u{1b}[2J", remedy: ["\u{9b}x"])
        let lines = DoctorText(diagnoses: [found]).lines
        #expect(lines.allSatisfy { !$0.unicodeScalars.contains { $0.isUnprintable } }, "\(lines)")
    }

    @Test func settingsGoByTheirRank() {
        let unit = "# settings\nWGD_NODE=\"from unit\"\n WGD_STATE_DIR = '/srv/wgctl'\nWGD_PODMAN_SOCKET=\n"
        let plain = HostSettings(flags: [:], daemon: nil, unitSettings: unit).options
        #expect(plain.node == "from unit" && plain.stateDirectory == "/srv/wgctl")
        #expect(plain.podmanSocket == "/run/podman/podman.sock")
        let status = DaemonStatus(
            version: "1", pid: 1, startedAt: .distantPast, manifests: "/srv/m", socket: "/run/wgctl/wgd.sock")
        let daemon = StatusSummary(node: "from wgd", daemon: status)
        let running = HostSettings(flags: ["WGD_STATE_DIR": "/flag"], daemon: daemon, unitSettings: unit).options
        #expect(
            running.node == "from wgd" && running.manifestDirectory == "/srv/m" && running.stateDirectory == "/flag")
    }

    /// A network namespace with two ways out, and everything else in order; then one defect after the other.
    @Test func plantedDefectsAreFoundAndTheirRemediesMendThem() async throws {
        let host = try NetworkNamespace()
        for (name, number) in [("eth0", 1), ("eth1", 2)] {
            try host.ip("link", "add", name, "type", "veth", "peer", "name", "peer\(number)")
            try host.ip("address", "add", "192.168.\(number).2/24", "dev", name)
            for link in [name, "peer\(number)"] { try host.ip("link", "set", link, "up") }
            try host.execute("sysctl", "-qw", "net.ipv4.conf.\(name).rp_filter=0")
        }
        try host.execute("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0")
        try host.ip("route", "add", "default", "via", "192.168.1.1")
        try host.ip("route", "add", "default", "via", "192.168.2.1", "metric", "10")
        let sound = try await complaints(host)
        #expect(!sound.contains { ["interfaces", "firewall", "sysctl"].contains($0.area) }, "\(sound)")

        // The holder of the port ends with its input.
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let script =
            "import socket,sys; s=socket.socket(type=socket.SOCK_DGRAM); s.bind(('', 51820)); print(flush=True); sys.stdin.read()"
        holder.arguments = ["ip", "netns", "exec", host.name, "python3", "-c", script]
        let (input, output) = (Pipe(), Pipe())
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        _ = output.fileHandleForReading.availableData
        try host.execute("sysctl", "-qw", "net.ipv4.conf.eth1.rp_filter=1")
        try host.execute(
            "nft",
            "add table inet filter; add chain inet filter forward { type filter hook forward priority 0; policy drop; }; add chain inet filter input { type filter hook input priority 0; policy drop; }; add rule inet filter input iifname lo accept"
        )
        try host.execute("iptables-nft", "-P", "FORWARD", "DROP")
        let broken = try await complaints(host)
        let found = Set(broken.map { "\($0.severity) \($0.area)/\($0.check)" })
        let planted: Set = [
            "problem interfaces/port 51820/udp", "warning sysctl/rp_filter", "problem firewall/forwarding",
            "warning firewall/probes", "problem firewall/port 51820/udp",
        ]
        #expect(planted.isSubset(of: found), "\(broken)")
        #expect(broken.contains { $0.found.contains("taken by python3") }, "\(broken)")

        // The firewall's remedies are commands that do what they say.
        for diagnosis in broken where diagnosis.area == "firewall" {
            for line in diagnosis.remedy where line.hasPrefix("nft '") {
                try host.execute("nft", String(line.dropFirst("nft '".count).dropLast()))
            }
        }
        try host.execute("iptables-nft", "-P", "FORWARD", "ACCEPT")
        try input.fileHandleForWriting.close()
        holder.waitUntilExit()
        let mended = try await complaints(host)
        #expect(!mended.contains { ["interfaces", "firewall"].contains($0.area) }, "\(mended)")
    }

    @Test func exitStatusAndFormats() async throws {
        let directory = temporaryPath("doctor")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let result = try await runWgctl(["doctor", "--manifests", "/nonexistent", "--state-dir", directory])
        #expect(result.status == 1 && result.output.contains("no manifests in /nonexistent"), "\(result)")
        #expect(!result.output.contains("  ok  ") && !result.output.contains("\u{1b}"), "\(result)")
        let all = try await runWgctl(["doctor", "--all", "--manifests", "/nonexistent", "--state-dir", directory])
        #expect(all.output.contains("  ok       process: "), "\(all)")
        let yaml = try await runWgctl(["doctor", "-o", "yaml", "--state-dir", directory])
        #expect(yaml.output.contains("area: kernel"), "\(yaml)")
        #expect(try await runWgctl(["doctor", "-o", "xml"]).status == 64)
    }

    private struct Report: Decodable {
        var diagnoses: [Complaint]
    }

    private struct Complaint: Decodable {
        var area: String
        var check: String
        var severity: String
        var found: String
        var remedy: [String]
    }

    private func complaints(_ host: NetworkNamespace) async throws -> [Complaint] {
        let name = host.name
        let result = try await onThread {
            try runProgram(
                "/usr/bin/env", ["ip", "netns", "exec", name, BuildProducts.wgctl, "doctor", "-o", "json"])
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        return report.diagnoses.filter { $0.severity != "ok" }
    }
}

import Foundation
import TestSupport
import Testing

/// `wgctl check` on real hosts: all is well, then one thing after the other is broken under it.
extension EndToEnd {
    @Suite(.serialized, .lab("check", of: "two-hosts", grace: 1)) struct CheckTests {
        private func check(_ arguments: String...) async throws -> Finished {
            let lab = try lab()
            return try await Program.run([BuildProducts.wgctl, "lab", "check", "--name", lab.name] + arguments)
        }

        /// Has host-b drop what matches while the body runs.
        private func dropping(_ hook: String, _ match: String, _ body: () async throws -> Void) async throws {
            let lab = try lab()
            try await lab.shell(
                "host-b",
                "nft 'table inet broken { chain c { type filter hook \(hook) priority -10; \(match) drop; }; }'")
            do { try await body() } catch {
                try await lab.must("host-b", "nft", "delete", "table", "inet", "broken")
                throw error
            }
            try await lab.must("host-b", "nft", "delete", "table", "inet", "broken")
        }

        @Test func everyPathWorks() async throws {
            let lab = try lab()
            let matrix = try await check()
            #expect(matrix.status == 0, "\(matrix)")
            #expect(matrix.output.hasPrefix("FROM \\ TO   host-a "), "\(matrix)")
            #expect(matrix.output.contains("2 hosts, 6 paths: 6 OK, 0 not."), "\(matrix)")

            let own = try await lab.must("host-a", "wgctl", "check", "-o", "json")
            let report = try JSONSerialization.jsonObject(with: Data(own.utf8)) as? [String: Any]
            let paths = try #require(report?["paths"] as? [[String: Any]])
            #expect(paths.count == 3 && paths.allSatisfy { $0["result"] as? String == "OK" }, "\(own)")
            #expect(paths.allSatisfy { ($0["mtu"] as? [String: Int])?["carried"] == 1420 }, "\(own)")
            let container = try await lab.must("host-a", "wgctl", "check", "--from", "pod-a", "host-b")
            #expect(container.contains("container/pod-a   container/pod-b   10.0.0.20"), "\(container)")
            #expect(!container.contains("node/host-a "))
        }

        @Test func whatIsForwardedToContainersIsTestedFromInsideThem() async throws {
            try await dropping("forward", "meta l4proto icmp") {
                let broken = try await check()
                #expect(broken.status == 1, "\(broken)")
                #expect(broken.output.contains("host-b answers, but container/pod-b does not"), "\(broken)")
                #expect(broken.output.contains("this host reaches host-a, but container/pod-b does not"), "\(broken)")
                let hosts = try await lab().exec("host-b", ["wgctl", "check", "--from", "host"])
                #expect(hosts.isSuccess, "hosts among themselves are not forwarded: \(hosts)")
            }
        }

        @Test func aTunnelThatIsCutSaysToLookAtUDP() async throws {
            try await dropping("input", "udp dport 51820") {
                let broken = try await lab().exec("host-b", ["wgctl", "check", "--timeout", "0.5"])
                #expect(broken.status == 1, "\(broken)")
                #expect(broken.output.contains("look whether UDP still passes"), "\(broken)")
                #expect(broken.output.contains("3 paths: 0 OK, 3 not."), "\(broken)")
            }
        }

        /// Nothing is sent through the tunnel meanwhile, and the session of before lasts.
        @Test func aTunnelThatIsCutIsNotReadyThoughItIsIdle() async throws {
            let lab = try lab()
            let peers = ["wgctl", "get", "peers", "-o", "json"]
            try await lab.eventually("host-a", peers) { $0.contains("\"lastProbeTime\"") && $0.contains("\"True\"") }
            try await dropping("input", "udp dport 51820") {
                try await lab.eventually("host-a", peers, seconds: 90) { $0.contains("\"NoReply\"") }
            }
            try await lab.eventually("host-a", peers, seconds: 90) { $0.contains("\"True\"") }
            let metrics = try await lab.must(
                "host-a", "curl", "-s", "--unix-socket", "/run/wgctl/wgd.sock", "http://wgd/metrics")
            #expect(metrics.contains("wgctl_peer_ready{node=\"host-b\",overlay=\"overlay-net\"} 1"), "\(metrics)")
        }

        /// 1400 bytes on the underlay are 1372 of UDP: 32 of WireGuard, and the packet padded to 16.
        @Test func aPathThatLosesLongPacketsIsFoundToTheByte() async throws {
            try await dropping("input", "udp dport 51820 meta length gt 1400") {
                let broken = try await lab().exec("host-a", ["wgctl", "check", "host-b", "--from", "host"])
                #expect(broken.status == 1, "\(broken)")
                #expect(broken.output.contains("1328/1420"), "\(broken)")
                #expect(broken.output.contains("set spec.wireguard.mtu: 1328 of Overlay overlay-net"), "\(broken)")
            }
        }

        @Test func topSeesWhatPasses() async throws {
            let text = try await lab().shell(
                "host-a", "ping -q -i 0.2 -c 15 10.0.0.2 >/dev/null & wgctl top --once -o json; wait")
            let sample = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            let peer = try #require((sample?["peers"] as? [[String: Any]])?.first, "\(text)")
            #expect(peer["node"] as? String == "host-b" && peer["endpoint"] as? String == "192.168.1.20:51820")
            // Each echo is 84 bytes, and 32 of WireGuard around it padded to 16.
            #expect(try #require(peer["receivedPerSecond"] as? Double) > 100, "\(text)")
        }

        @Test func whatCouldNotRunIsNoVerdict() async throws {
            let lab = try lab()
            let unknown = try await lab.exec("host-a", ["wgctl", "check", "host-x"])
            #expect(unknown.status == 2 && unknown.errors.contains("no other node called \"host-x\""), "\(unknown)")
            let stranger = try await Program.run([BuildProducts.wgctl, "lab", "check", "--name", "e2e-none"])
            #expect(stranger.status == 2, "\(stranger)")
        }
    }
}

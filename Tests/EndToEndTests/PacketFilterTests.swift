import Foundation
import Testing

/// Our nftables table, Podman's rules, and what an underlay that carries less means for the tunnel.
extension EndToEnd {
    @Suite(.lab("filter", of: "two-hosts", grace: 1, policy: "{containers: {hostPorts: [{min: 18080, max: 18080}]}}"))
    struct PacketFilterTests {
        private static let web = """
                - name: web
                  networks: [{overlay: overlay-net, addresses: [10.0.0.40]}]
                  image: docker.io/library/alpine:3.20
                  command: [sh, -c, "echo here > /tmp/mark; exec httpd -f -p 8080 -h /tmp"]
                  ports: [{containerPort: 8080, hostPort: 18080}]
                  terminationGracePeriodSeconds: 1

            """

        private static let fetch = [
            "timeout", "-s", "KILL", "2", "busybox", "wget", "-q", "-O", "-", "http://192.168.1.10:18080/mark",
        ]

        /// Fault 39.
        @Test func aFlushedRulesetComesBackWithPodmansRules() async throws {
            let lab = try lab()
            try lab.save("host-a.yaml", try lab.read("host-a.yaml").withContainer(Self.web))
            try await lab.eventually("host-b", Self.fetch) { $0 == "here\n" }
            try await lab.settled("host-a")
            let table = try await lab.must("host-a", "nft", "list", "table", "inet", "wgctl")
            #expect(table.contains("oifname \"wg0\"") && table.contains("maxseg size set rt mtu"))
            let web = try await lab.identity("host-a", container: "web")

            try await lab.must("host-a", "nft", "flush", "ruleset")
            try await lab.eventually("host-a", ["nft", "list", "table", "inet", "wgctl"]) { $0 == table }
            try await lab.eventually("host-b", Self.fetch) { $0 == "here\n" }
            #expect(try await lab.identity("host-a", container: "web") == web)
            try await lab.eventually("host-a", ["wgctl", "get", "events", "-o", "json"]) { text in
                text.contains("create table inet wgctl: clamp TCP on wg0")
                    && text.contains("reload Podman's firewall rules: none for 10.0.0.0")
            }

            // Podman's rules alone, as a firewall that knows nothing of us takes them.
            try await lab.settled("host-a")
            try await lab.shell("host-a", "iptables -t nat -F; iptables -F")
            try await lab.eventually("host-b", Self.fetch) { $0 == "here\n" }
            try await lab.settled("host-a")
        }

        @Test func anUnderlayThatCarriesLessSizesRoutesAndSegments() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await lab.settled("host-a")
            let route = ["ip", "route", "show", "10.0.0.20/32"]
            let before = try await lab.must("host-a", "ip", "route", "show", "10.0.0.20/32")
            let found = try await lab.shell("host-a", "ip -o route get 192.168.1.20 | sed 's/ src .*//'")
            let path = found.trimmingCharacters(in: .whitespacesAndNewlines) + " onlink"
            try await lab.shell("host-a", "ip route add \(path) mtu 1350")
            try await lab.eventually("host-a", route) { $0.contains(" mtu 1290 ") }
            try await lab.settled("host-a")
            let writes = try await lab.writes("host-a")
            let reconciles = try await lab.reconciles("host-a")
            try await lab.must("host-a", "wgctl", "resync")
            let deadline = ContinuousClock.now + .seconds(60)
            while try await lab.reconciles("host-a") < reconciles + 3 {
                try #require(.now < deadline, "no three more rounds within 60 s")
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await lab.writes("host-a") == writes)

            // 40 of the 1290 bytes go to the headers of IPv4 and TCP.
            try await lab.shell(
                "host-b",
                """
                nft 'add table inet probe; add chain inet probe seen { type filter hook forward priority 0; }'
                nft add rule inet probe seen iifname wg0 tcp flags syn tcp option maxseg size 1250 counter accept
                """)
            try await lab.background(
                "host-b", "podman exec pod-b sh -c 'seq 100000 > /tmp/numbers; exec httpd -f -p 8081 -h /tmp'")
            let sum = try await lab.shell("host-b", "seq 100000 | md5sum")
            try await lab.eventually(
                "host-a",
                [
                    "podman", "exec", "pod-a", "sh", "-c",
                    "timeout -s KILL 10 wget -q -O - http://10.0.0.20:8081/numbers | md5sum",
                ]
            ) { $0 == sum }
            let seen = try await lab.must("host-b", "nft", "list", "table", "inet", "probe")
            #expect(!seen.contains("packets 0 "), "\(seen)")

            try await lab.shell("host-a", "ip route del \(path)")
            try await lab.eventually("host-a", route) { $0 == before }
            #expect(try await lab.must("host-a", "ip", "link", "show", "wg0").contains(" mtu 1420 "))
        }
    }
}

import Foundation
import Testing

/// The main job on real parts: `manifests/two-hosts`, two hosts, WireGuard, Podman.
extension EndToEnd {
    @Suite(.lab("two-hosts", of: "two-hosts")) struct TwoHostsTests {
        static let peerOf = ["host-a": "10.0.0.20", "host-b": "10.0.0.10"]

        // MARK: It works

        @Test func podsPingEachOther() async throws {
            let lab = try lab()
            for (host, pod, address) in [("host-a", "pod-a", "10.0.0.20"), ("host-b", "pod-b", "10.0.0.10")] {
                try await lab.reaches(host, container: pod, address)
                let ping = try await lab.ping(host, container: pod, address)
                #expect(ping.output.contains(" 0% packet loss"), "\(ping)")
            }
        }

        @Test func trafficIsEncrypted() async throws {
            let lab = try lab()
            let before = try await lab.must("host-a", "wg", "show", "wg0", "transfer")
            _ = try await lab.ping("host-a", container: "pod-a", "10.0.0.20")
            #expect(try await lab.must("host-a", "wg", "show", "wg0", "transfer") != before)
        }

        @Test func tablesShowWhatIs() async throws {
            let lab = try lab()
            try await lab.eventually("host-a", ["wgctl", "get", "nodes"]) { text in
                text.split(separator: "\n").filter { $0.contains("True") }.count == 2
            }
            let containers = try await lab.must("host-a", "wgctl", "get", "containers")
            #expect(containers.contains("pod-a") && containers.contains("pod-b"))
            let peers = try await lab.must("host-a", "wgctl", "get", "peers", "-o", "json")
            #expect(peers.contains("host-b"))
            let describe = try await lab.must("host-a", "wgctl", "describe", "node", "host-b")
            #expect(describe.contains("Conditions:") && describe.contains("Ready"))
            try await lab.must("host-a", "wgctl", "wait", "node/host-b", "--for=condition=Ready", "--timeout=60s")
            #expect(try await lab.must("host-a", "wgctl", "exec", "pod-a", "--", "echo", "here") == "here\n")
            try await lab.must("host-a", "wgctl", "logs", "--tail", "1", "pod-a")
            let elsewhere = try await lab.exec("host-a", ["wgctl", "logs", "pod-b"])
            #expect(!elsewhere.isSuccess && elsewhere.errors.contains("is on host-b: run there: wgctl logs pod-b"))
        }

        // MARK: Idempotence

        @Test func secondReconcileWritesNothing() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await settled("host-a")
            let before = try await lab.writes("host-a")
            let reconciles = try await reconciles("host-a")
            try await lab.must("host-a", "wgctl", "resync")
            try await lab.eventually("host-a", ["wgctl", "status", "-o", "json"]) { text in
                (try? Self.count(of: "reconciles", in: text)).map { $0 >= reconciles + 2 } ?? false
            }
            #expect(try await lab.writes("host-a") == before)
        }

        // MARK: Drift by hand

        @Test(arguments: [
            ["ip", "route", "del", "10.0.0.20/32"],
            ["ip", "addr", "del", "10.0.0.1/32", "dev", "wg0"],
            ["ip", "link", "set", "wg0", "down"],
            ["ip", "link", "del", "wg0"],
            ["sh", "-c", "ip link set wg0 down; ip link set wg0 name foo"],
            ["ip", "link", "set", "br-wg0", "name", "foo"],
            ["ip", "link", "set", "br-wg0", "address", "02:00:00:00:00:99"],
            ["ip", "link", "set", "wg0", "mtu", "1300", "alias", "mine"],
            ["ip", "link", "set", "va-wg0", "nomaster"],
            ["ip", "route", "change", "10.0.0.20/32", "dev", "wg0", "mtu", "1300"],
            ["sysctl", "-w", "net.ipv4.ip_forward=0"],
            ["sysctl", "-w", "net.ipv4.conf.br-wg0.proxy_arp=0"],
            // The kernel tells nobody of this one: the resync finds it.
            ["sh", "-c", "sysctl -w net.ipv4.neigh.br-wg0.proxy_delay=80; wgctl resync"],
            ["podman", "rm", "-f", "-t", "1", "pod-a"],
            ["podman", "network", "rm", "-f", "overlay_net"],
        ])
        func driftIsRepairedAndTold(_ command: [String]) async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await settled("host-a")
            let told = try await driftEvents("host-a")
            _ = try await lab.exec("host-a", command)
            try await lab.eventually("host-a", ["wgctl", "get", "events", "-o", "json"]) { text in
                Self.driftCount(in: text) > told
            }
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
        }

        /// Podman does not say who ended a container: its start is told as one after an end by itself.
        @Test func aContainerStoppedByHandIsStartedAgain() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await settled("host-a")
            // `podman stop` fails when the container that it has killed runs again before it has cleaned up after it.
            _ = try await lab.exec("host-a", ["podman", "stop", "-t", "1", "pod-a"])
            try await lab.eventually("host-a", ["wgctl", "events", "--for", "container/pod-a"]) { events in
                events.split(separator: "\n").contains {
                    $0.contains("Started") && $0.contains("start container pod-a")
                }
            }
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
        }

        @Test func aDeletedBridgeCarriesItsContainersAgain() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await settled("host-a")
            let ports = try await lab.must("host-a", "bridge", "-d", "link", "show")
            let identity = try await lab.identity("host-a", container: "pod-a")
            try await lab.must("host-a", "ip", "link", "del", "br-wg0")
            try await lab.eventually("host-a", ["wgctl", "events", "--for", "container/pod-a"]) {
                $0.contains("attach link")
            }
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.10")
            #expect(try await lab.identity("host-a", container: "pod-a") == identity)
            try await lab.ready("host-a")
            // A port as netavark made it, in every flag.
            try await lab.eventually("host-a", ["bridge", "-d", "link", "show"]) { $0 == ports }
        }

        /// One process that deletes our route again and again; everything else is still repaired at once.
        @Test func aRivalIsNamedAndHoldsUpNothingElse() async throws {
            let lab = try lab()
            try await settled("host-a")
            try await lab.must("host-a", "touch", "/run/rival")
            let loop = "while [ -e /run/rival ]; do echo route del 10.0.0.20/32; sleep 0.05; done"
            let rival = try lab.start(
                "host-a", ["timeout", "-s", "KILL", "90", "sh", "-c", "\(loop) | ip -force -batch - 2> /dev/null"])
            try await lab.eventually("host-a", ["wgctl", "get", "events"]) { text in
                text.split(separator: "\n").contains { line in
                    line.contains("Contested") && line.contains("ip (pid ") && line.contains("route 10.0.0.20/32")
                }
            }
            try await lab.eventually("host-a", ["wgctl", "describe", "node", "host-b"]) {
                $0.contains("route 10.0.0.20/32: back-off: it was undone")
            }
            try await lab.must("host-a", "ip", "link", "set", "wg0", "mtu", "1300")
            try await lab.eventually("host-a", ["ip", "link", "show", "wg0"]) { !$0.contains("mtu 1300") }
            try await lab.must("host-a", "rm", "/run/rival")
            _ = try await rival.finish(seconds: 30)
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
        }

        /// Rules are the administrator's: a fight over them would have no end.
        @Test func aRuleThatHidesOurRoutesIsToldAndNotFought() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await settled("host-a")
            let before = try await lab.writes("host-a")
            try await lab.shell(
                "host-a", "ip route add blackhole 10.0.0.0/24 table 100; ip rule add pref 100 to 10.0.0.0/24 lookup 100"
            )
            try await lab.eventually("host-a", ["wgctl", "describe", "overlay", "overlay-net"]) { text in
                text.contains("Conflict") && text.contains("are dropped, not to wg0 by our route")
            }
            #expect(try await lab.must("host-a", "ip", "rule", "show", "pref", "100").contains("lookup 100"))
            #expect(try await lab.writes("host-a") == before)
            try await lab.must("host-a", "ip", "rule", "del", "pref", "100")
            try await lab.ready("host-a")
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            #expect(try await lab.writes("host-a") == before)
        }

        @Test func aRemovedPeerIsBackAtTheNextResync() async throws {
            let lab = try lab()
            try await settled("host-a")
            let peer = try await lab.must("host-a", "wg", "show", "wg0", "peers")
                .trimmingCharacters(in: .whitespacesAndNewlines)
            try await lab.must("host-a", "wg", "set", "wg0", "peer", peer, "remove")
            try await lab.eventually("host-a", ["wg", "show", "wg0", "peers"], seconds: 90) { $0.contains(peer) }
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
        }

        // MARK: A restart loses nothing

        @Test func killedDaemonComesBackWithoutAWrite() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await settled("host-a")
            let ids = try await identities("host-a")
            let ping = try await SteadyPing(lab, "host-a", container: "pod-a", "10.0.0.20", seconds: 6)
            let pid = try await lab.must("host-a", "cat", "/var/lib/wgctl/wgd.lock")
                .trimmingCharacters(in: .whitespacesAndNewlines)
            try await lab.must("host-a", "kill", "-9", pid)
            try await lab.eventually("host-a", ["wgctl", "status", "-o", "json"]) { text in
                !text.contains("\"pid\" : \(pid),") && !text.contains("\"pid\": \(pid),")
            }
            try await settled("host-a")
            #expect(try await lab.writes("host-a") == 0)
            #expect(try await identities("host-a") == ids)
            try await ping.expectNoLoss()
        }

        // MARK: Conditions that tests share

        /// Waits until the host is ready and two looks at its counters agree.
        private func settled(_ host: String) async throws {
            let lab = try lab()
            try await lab.eventually(host, ["wgctl", "get", "node", host, "-o", "json"]) { text in
                text.contains("\"type\" : \"Ready\"") || text.contains("\"Ready\"")
            }
            var last = try await lab.writes(host)
            let deadline = ContinuousClock.now + .seconds(30)
            while ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(300))
                let now = try await lab.writes(host)
                if now == last { return }
                last = now
            }
            Issue.record("\(host) keeps writing")
        }

        /// What a restart must not make anew: container id and start, interface indexes.
        private func identities(_ host: String) async throws -> String {
            let lab = try lab()
            return try await lab.must(host, "podman", "inspect", "-f", "{{.Id}} {{.State.StartedAt}}", "pod-a")
                + (try await lab.must(host, "sh", "-c", "ip -o link show wg0; ip -o link show br-wg0"))
        }

        private func driftEvents(_ host: String) async throws -> Int {
            Self.driftCount(in: try await lab().must(host, "wgctl", "get", "events", "-o", "json"))
        }

        private func reconciles(_ host: String) async throws -> Int {
            try Self.count(of: "reconciles", in: try await lab().must(host, "wgctl", "status", "-o", "json"))
        }

        private static func count(of counter: String, in json: String) throws -> Int {
            let report = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
            return try #require((report?["counters"] as? [String: Any])?[counter] as? Int)
        }

        /// How often a repair was told, repeated events counted each time.
        private static func driftCount(in json: String) -> Int {
            guard let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) else { return 0 }
            let events = (object as? [String: Any])?["items"] as? [[String: Any]] ?? object as? [[String: Any]] ?? []
            return events.filter { $0["reason"] as? String == "DriftRepaired" }
                .reduce(0) { $0 + ($1["count"] as? Int ?? 1) }
        }
    }
}

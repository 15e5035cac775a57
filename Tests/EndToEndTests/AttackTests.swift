import Foundation
import Glibc
import Testing

/// Garbage, kills at random moments, a spoilt database, a dead Podman: all end Ready, and what ran still runs.
extension EndToEnd {
    @Suite(.lab("attack", of: "two-hosts", grace: 1)) struct AttackTests {
        @Test func garbageBesideTheManifestsIsNamedAndHarmsNothing() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await lab.settled("host-a")
            let identity = try await lab.identity("host-a", container: "pod-a")
            let ping = try await SteadyPing(lab, "host-a", container: "pod-a", "10.0.0.20", seconds: 5)
            let garbage = try plantGarbage(in: lab.manifests)
            try await lab.eventually("host-a", ["sh", "-c", "wgctl get nodes 2>&1"]) { text in
                ["binary.yaml", "huge.yaml", "pipe.yaml", "loop.yaml", "escape.yaml", "empty-list.yaml"]
                    .allSatisfy(text.contains) && !text.contains(".swp") && text.contains("host-b ")
            }
            // The others are followed all the same.
            let text = try lab.read("host-b.yaml")
            try lab.save("host-b.yaml", text.replacingOccurrences(of: "site: b", with: "site: elsewhere"))
            try await lab.eventually("host-a", ["sh", "-c", "wgctl get nodes -l site=elsewhere 2>/dev/null"]) {
                $0.contains("host-b")
            }
            try lab.save("host-b.yaml", text)
            try await ping.expectNoLoss()
            for file in garbage { try FileManager.default.removeItem(at: file) }
            try await lab.eventually("host-a", ["sh", "-c", "wgctl get nodes 2>&1"]) { text in
                !garbage.contains { text.contains($0.lastPathComponent) }
            }
            try await lab.ready("host-a")
            #expect(try await lab.identity("host-a", container: "pod-a") == identity)
        }

        private func plantGarbage(in directory: URL) throws -> [URL] {
            func file(_ name: String) -> URL { directory.appendingPathComponent(name) }
            var generator = SystemRandomNumberGenerator()
            try Data((0..<4096).map { _ in UInt8.random(in: 0...255, using: &generator) } + [0, 0xff])
                .write(to: file("binary.yaml"))
            try Data(repeating: UInt8(ascii: "#"), count: 3 << 20).write(to: file("huge.yaml"))
            try #require(mkfifo(file("pipe.yaml").path, 0o600) == 0)
            for (name, target) in [("loop.yaml", "loop.yaml"), ("escape.yaml", "/etc/passwd")] {
                try FileManager.default.createSymbolicLink(atPath: file(name).path, withDestinationPath: target)
            }
            try Data("- 1\n- 2\n".utf8).write(to: file("empty-list.yaml"))
            try Data([0x62, 0x30, 0x56, 0x49, 0x4d, 0]).write(to: file(".host-a.yaml.swp"))
            return ["binary.yaml", "huge.yaml", "pipe.yaml", "loop.yaml", "escape.yaml", "empty-list.yaml"].map(file)
                + [file(".host-a.yaml.swp")]
        }

        /// Ten deaths at random moments of the first second, three of them on the way up from nothing.
        @Test func aDaemonKilledOnTheWayUpStartsAgainFromThere() async throws {
            let lab = try lab()
            try await lab.ready("host-a")
            var delays: [Int] = []
            for round in 0..<3 {
                try await lab.must("host-a", "wgctl", "down")
                try await lab.eventually("host-a", ["sh", "-c", "! ps -eo args | grep -q '^wg[d] '"])
                try await lab.startDaemon("host-a")
                var identity: String?
                for _ in 0..<(round == 0 ? 4 : 3) {
                    let delay = Int.random(in: 0...1000)
                    delays.append(delay)
                    // The moment counts from when the process is there; pid 1 starts the next one after a second.
                    let killed = try await lab.shell(
                        "host-a",
                        """
                        until p=$(pgrep -fo '^wgd '); do sleep 0.01; done
                        sleep \(Double(delay) / 1000); kill -9 $p; while test -e /proc/$p; do sleep 0.01; done
                        podman inspect -f '{{.Id}} {{.State.StartedAt}} {{.State.Running}}' pod-a 2>/dev/null || true
                        """)
                    if let before = identity { #expect(killed == before, "recreated, after \(delays) ms") }
                    if killed.contains("true") { identity = killed }
                }
                try await lab.ready("host-a")
                try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
                if let before = identity {
                    #expect(before.hasPrefix(try await lab.identity("host-a", container: "pod-a").dropLast()))
                }
            }
            try await lab.settled("host-a")
            // Nothing was left behind half made.
            try await lab.must("host-a", "wgctl", "down")
            let links = try await lab.must("host-a", "ip", "-o", "link").split(separator: "\n")
            #expect(links.count == 2, "\(links), after \(delays) ms")
            #expect(try await lab.must("host-a", "podman", "ps", "-aq") == "")
            #expect(try await lab.must("host-a", "sysctl", "-n", "net.ipv4.ip_forward") == "0\n", "after \(delays) ms")
            try await lab.startDaemon("host-a")
            try await lab.ready("host-a")
        }

        @Test func aSpoiltDatabaseIsSetAsideAndNothingIsMadeAnewOrRemovedAtTheFirstLook() async throws {
            let lab = try lab()
            let manifest = try lab.read("host-a.yaml")
            let surplus = """
                    - name: pod-x
                      image: docker.io/library/alpine:3.20
                      command: [sleep, infinity]
                      terminationGracePeriodSeconds: 1

                """
            try lab.save("host-a.yaml", manifest.withContainer(surplus))
            try await lab.eventually("host-a", ["podman", "inspect", "-f", "{{.State.Status}}", "pod-x"]) {
                $0.contains("running")
            }
            try await lab.settled("host-a")
            let identity = try await lab.identity("host-a", container: "pod-a")
            let index = try await lab.index("host-a", "wg0")
            let ping = try await SteadyPing(lab, "host-a", container: "pod-a", "10.0.0.20", seconds: 5)
            let daemon = try await lab.daemon("host-a")
            try await lab.shell(
                "host-a",
                """
                kill \(daemon); while test -e /proc/\(daemon); do sleep 0.05; done
                cd /var/lib/wgctl; rm -f state.db-wal state.db-shm; head -c 65536 /dev/urandom > state.db
                """)
            // No record says that this container was ever wanted.
            try lab.save("host-a.yaml", manifest)
            try await lab.startDaemon("host-a")
            try await lab.ready("host-a")
            try await lab.settled("host-a")
            let writes = try await lab.allWrites("host-a")
            #expect(writes["kernel"] == 0 && writes["wireguard"] == 0 && writes["podman"] == 0, "\(writes)")
            #expect(try await lab.identity("host-a", container: "pod-a") == identity)
            #expect(try await lab.index("host-a", "wg0") == index)
            #expect(try await lab.must("host-a", "ls", "/var/lib/wgctl").contains("state.db.corrupt-"))
            #expect(try await lab.must("host-a", "wgctl", "get", "events").contains("DatabaseRecovered"))
            try await ping.expectNoLoss()
            #expect(try await lab.exec("host-a", ["podman", "container", "exists", "pod-x"]).isSuccess)
            try await lab.must("host-a", "wgctl", "resync")
            try await lab.eventually("host-a", ["sh", "-c", "! podman container exists pod-x"])
        }

        @Test func aDeadPodmanServiceIsOutlived() async throws {
            let lab = try lab()
            try await lab.settled("host-a")
            let identity = try await lab.identity("host-a", container: "pod-a")
            let before = try await lab.allWrites("host-a")
            let ping = try await SteadyPing(lab, "host-a", container: "pod-a", "10.0.0.20", seconds: 3)
            try await lab.shell("host-a", "kill -9 $(pgrep -f '^podman system service')")
            try await lab.must("host-a", "wgctl", "resync")
            try await lab.eventually("host-a", ["wgctl", "get", "events"]) { $0.contains("PodmanUnavailable") }
            try await lab.ready("host-a")
            try await lab.settled("host-a")
            #expect(try await lab.identity("host-a", container: "pod-a") == identity)
            let after = try await lab.allWrites("host-a")
            #expect(after["podman"] == before["podman"] && after["kernel"] == before["kernel"])
            try await ping.expectNoLoss()
            // The event stream is followed again: drift is told at once, not at the next resync.
            try await lab.must("host-a", "podman", "rm", "-f", "-t", "0", "pod-a")
            try await lab.eventually("host-a", ["podman", "inspect", "-f", "{{.State.Status}}", "pod-a"], seconds: 10) {
                $0.contains("running")
            }
        }
    }
}

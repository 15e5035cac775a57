import Foundation
import Testing

/// Hosts and Nodes that get other names: faults 51 and 56, and the shared cases 26 and 41.
extension EndToEnd {
    @Suite(.labWithoutDaemons("names", of: "two-hosts", grace: 1)) struct NameTests {
        /// What must not be made anew on host-b, and the packets that must not be lost meanwhile.
        private func unnoticed(seconds: Int, _ what: () async throws -> Void) async throws {
            let lab = try lab()
            let before = try await (
                lab.identity("host-b", container: "pod-b"), lab.index("host-b", "wg0"), lab.index("host-b", "br-wg0")
            )
            let ping = try await SteadyPing(lab, "host-a", container: "pod-a", "10.0.0.20", seconds: seconds)
            try await what()
            let after = try await (
                lab.identity("host-b", container: "pod-b"), lab.index("host-b", "wg0"), lab.index("host-b", "br-wg0")
            )
            #expect(after == before)
            try await ping.expectNoLoss()
        }

        private func restart(called name: String, _ meanwhile: () async throws -> Void = {}) async throws {
            let lab = try lab()
            try await lab.stopOwnDaemon("host-b")
            try await meanwhile()
            try await lab.startOwnDaemon("host-b", called: name)
        }

        /// Waits until every lane has looked, and requires that none has written anything.
        private func expectNothingWritten() async throws {
            let lab = try lab()
            // Not by readiness, which is recorded: warnings would hide it, too.
            try await lab.eventually("host-b", ["wgctl", "get", "containers", "pod-b"]) { $0.contains("Running") }
            for _ in 0..<2 {
                let rounds = try await lab.reconciles("host-b")
                try await lab.must("host-b", "wgctl", "resync")
                let deadline = ContinuousClock.now + .seconds(30)
                while try await lab.reconciles("host-b") < rounds + 3, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            let writes = try await lab.allWrites("host-b")
            #expect(writes.filter { $0.key != "database" && $0.value != 0 }.isEmpty, "\(writes)")
        }

        @Test func namesChangeAndNothingElseDoes() async throws {
            let lab = try lab()
            var texts: [String: String] = [:]
            for host in ["host-a", "host-b"] {
                try await lab.startOwnDaemon(host)
                try await lab.eventually(host, ["wgctl", "key", "show"])
                let key = try await lab.must(host, "wgctl", "key", "show")
                texts[host] = try lab.read("\(host).yaml").replacingOccurrences(
                    of: "\nspec:\n", with: "\nspec:\n  publicKey: \(key)")
            }
            for (host, text) in texts { try lab.save("\(host).yaml", text) }
            let text = try #require(texts["host-b"])
            func rename(to name: String) throws {
                try lab.save(
                    "host-b.yaml",
                    text.replacingOccurrences(of: "metadata: {name: host-b,", with: "metadata: {name: \(name),"))
            }
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await lab.ready("host-b")

            // The host has another name, the Node has not.
            try await unnoticed(seconds: 4) {
                try await restart(called: "host-bee")
                try await expectNothingWritten()
            }
            let status = try await lab.shell("host-b", "wgctl status 2>&1")
            #expect(status.contains("warning: this host is called host-bee and serves Node/host-b"), "\(status)")
            let described = try await lab.must("host-b", "wgctl", "describe", "node", "host-b")
            #expect(
                described.contains("NameChanged") && described.contains("wgctl adopt --from host-b"), "\(described)")
            let doctor = try await lab.exec("host-b", ["sh", "-c", "wgctl doctor --state-dir /run/wgd-by-hand; true"])
            #expect(doctor.output.contains("serves Node/host-b"), "\(doctor)")

            // Both are renamed together: nothing changes until an operator says so, and nothing does then.
            try await unnoticed(seconds: 7) {
                try await restart(called: "host-bee") { try rename(to: "host-bee") }
                try await lab.eventually("host-b", ["sh", "-c", "wgctl prune; true"]) { $0.contains("Node/host-b") }
                try await expectNothingWritten()
                let refused = try await lab.exec("host-b", ["wgctl", "adopt", "--from", "host-x"])
                #expect(refused.status == 1 && refused.errors.contains("this host serves Node/host-b"), "\(refused)")
                try await lab.must("host-b", "wgctl", "adopt", "--from", "host-b")
                try await expectNothingWritten()
            }
            try await expectMadeAs("host-b", node: "host-bee")
            try await lab.must("host-b", "wgctl", "adopt", "--from", "host-b")
            #expect(try await lab.shell("host-b", "wgctl prune 2>&1").contains("nothing is held"))
            #expect(try await !lab.shell("host-b", "wgctl status 2>&1").contains("is called"))

            // The Node alone is renamed while wgd runs, and the end of it is a command as well.
            try await unnoticed(seconds: 5) {
                try rename(to: "host-bea")
                try await lab.eventually("host-b", ["sh", "-c", "wgctl prune; true"]) { $0.contains("Node/host-bee") }
                try await lab.must("host-b", "wgctl", "adopt", "--from", "host-bee")
                try await expectNothingWritten()
                try await restart(called: "host-bee")
                try await expectNothingWritten()
            }
            try await expectMadeAs("host-b", node: "host-bea")

            // The records are lost, and a Node whose name comes first claims what host-a's container has.
            try lab.save(
                "aaa.yaml",
                """
                apiVersion: wgctl.dev/v1alpha1
                kind: Node
                metadata: {name: aaa}
                spec:
                  overlays: [{name: overlay-net, addresses: [10.0.0.3]}]
                  containers: [{name: x, image: i, networks: [{overlay: overlay-net, addresses: [10.0.0.10]}]}]
                """)
            try await unnoticed(seconds: 5) {
                try await restart(called: "host-bee") {
                    try await lab.shell("host-b", "rm \(Laboratory.stateDirectory)/state.db*")
                }
                try await lab.eventually("host-b", ["sh", "-c", "wgctl get nodes 2>&1"]) {
                    $0.contains("warning: node/aaa: aaa.yaml:6:")
                }
                // Podman's look is needed for what the containers are marked with.
                try await lab.eventually("host-b", ["wgctl", "describe", "node", "host-bea"]) {
                    $0.contains("Made As:") && $0.contains("node/host-b\n")
                }
                try await lab.reaches("host-b", container: "pod-b", "10.0.0.10")
            }
        }

        private func expectMadeAs(_ original: String, node: String) async throws {
            let lab = try lab()
            let described = try await lab.must("host-b", "wgctl", "describe", "node", node)
            #expect(described.contains("Made As:") && described.contains("node/\(original)\n"), "\(described)")
            let label = try await lab.must(
                "host-b", "podman", "inspect", "-f", "{{index .Config.Labels \"dev.wgctl.node\"}}", "pod-b")
            #expect(label == "\(original)\n")
        }
    }
}

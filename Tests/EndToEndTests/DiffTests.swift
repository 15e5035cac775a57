import Foundation
import Testing

/// `wgctl diff` on real hosts: what it shows is what the daemon then does, and showing it changes nothing.
extension EndToEnd {
    @Suite(.lab("diff", of: "two-hosts")) struct DiffTests {
        private static let podC = """
                - name: pod-c
                  networks: [{overlay: overlay-net, addresses: [10.0.0.30]}]
                  image: docker.io/library/alpine:3.20
                  command: [sleep, infinity]

            """

        private struct Change: Decodable, Equatable {
            var operation: String
            var object: String
            var regarding: String
        }

        private struct Report: Decodable {
            var changes: [Change]
            var held: [Change]
        }

        @Test func diffShowsWhatTheDaemonThenDoes() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            for host in ["host-a", "host-b"] { try await nothingDiffers(host) }

            let copy = lab.manifests.deletingLastPathComponent().appendingPathComponent("e2e-diff-copy")
            try? FileManager.default.removeItem(at: copy)
            try FileManager.default.copyItem(at: lab.manifests, to: copy)
            defer { try? FileManager.default.removeItem(at: copy) }
            let same = try await lab.exec("host-a", ["wgctl", "diff", copy.path])
            #expect(same.status == 0 && same.output.isEmpty, "\(same)")

            let edited = try lab.read("host-b.yaml").withContainer(Self.podC)
            try Data(edited.utf8).write(to: copy.appendingPathComponent("host-b.yaml"), options: .atomic)
            let writes = [try await lab.writes("host-a"), try await lab.writes("host-b")]
            let events = try await lab.must("host-a", "wgctl", "get", "events", "-o", "json")

            let remote = try await changes("host-a", copy)
            #expect(
                remote == [
                    Change(operation: "update", object: "peer host-b", regarding: "node/host-b"),
                    Change(operation: "create", object: "route 10.0.0.30/32", regarding: "node/host-b"),
                    Change(operation: "run", object: "announce address 10.0.0.30", regarding: "node/host-b"),
                ])
            let local = try await changes("host-b", copy)
            #expect(local == [Change(operation: "create", object: "container pod-c", regarding: "container/pod-c")])
            let text = try await lab.exec("host-b", ["wgctl", "diff", copy.path])
            #expect(text.status == 1 && text.lines.last == "Plan: 1 to add, 0 to change, 0 to remove.", "\(text)")

            // Nothing was written: not to the hosts, not to the records.
            #expect([try await lab.writes("host-a"), try await lab.writes("host-b")] == writes)
            #expect(try await lab.must("host-a", "wgctl", "get", "events", "-o", "json") == events)
            #expect(try await !lab.exec("host-b", ["podman", "container", "exists", "pod-c"]).isSuccess)
            #expect(try await !lab.must("host-a", "ip", "route").contains("10.0.0.30"))

            try lab.save("host-b.yaml", edited)
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.30")
            for host in ["host-a", "host-b"] { try await nothingDiffers(host) }
            let told = try await lab.must("host-a", "wgctl", "get", "events", "-o", "json")
            #expect(told.contains("10.0.0.30/32"))
        }

        @Test func driftAndMistakesAreShown() async throws {
            let lab = try lab()
            let copy = lab.manifests.deletingLastPathComponent().appendingPathComponent("e2e-diff-broken")
            try? FileManager.default.removeItem(at: copy)
            try FileManager.default.copyItem(at: lab.manifests, to: copy)
            defer { try? FileManager.default.removeItem(at: copy) }
            let text = try lab.read("host-a.yaml").replacingOccurrences(of: "endpoint:", with: "endpont:")
            try Data(text.utf8).write(to: copy.appendingPathComponent("host-a.yaml"))
            // The last good version stands, so nothing would change; the mistake is what the question comes to.
            let broken = try await lab.exec("host-a", ["wgctl", "diff", copy.path])
            #expect(broken.status == 2 && broken.output.isEmpty, "\(broken)")
            #expect(broken.errors.contains("\(copy.path)/host-a.yaml:6:3: spec.endpont: unknown field"), "\(broken)")

            for file in try FileManager.default.contentsOfDirectory(atPath: copy.path) {
                try FileManager.default.removeItem(at: copy.appendingPathComponent(file))
            }
            let empty = try await lab.exec("host-a", ["wgctl", "diff", copy.path])
            #expect(empty.status == 1 && empty.output.contains("everything would be deleted"), "\(empty)")
        }

        /// A change that Podman cannot make in place, before it is made and while Podman does not answer.
        @Test func aReplacementHasItsReasonAndAHungPodmanIsNamed() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await nothingDiffers("host-a")
            let copy = lab.manifests.deletingLastPathComponent().appendingPathComponent("e2e-diff-mtu")
            try? FileManager.default.removeItem(at: copy)
            try FileManager.default.copyItem(at: lab.manifests, to: copy)
            defer { try? FileManager.default.removeItem(at: copy) }
            let overlay = try lab.read("overlay.yaml").replacing("interface: wg0", with: "interface: wg0, mtu: 1300")
            try Data(overlay.utf8).write(to: copy.appendingPathComponent("overlay.yaml"))
            let text = try await lab.exec("host-a", ["wgctl", "diff", copy.path])
            #expect(text.status == 1, "\(text)")
            for line in [
                "  -/+ container pod-a # replaced because of network overlay_net", "  -/+ network overlay_net",
                "        ~ mtu: 1420 -> 1300 # forces replacement",
                "Because of network overlay_net, 1 container is replaced: pod-a.",
            ] {
                #expect(text.lines.contains(line), "\(text)")
            }
            #expect(!text.output.contains("    - "), "\(text)")

            let service = try await lab.must("host-a", "pgrep", "-of", "podman system service")
            let pid = service.trimmingCharacters(in: .whitespacesAndNewlines)
            try await lab.must("host-a", "kill", "-STOP", pid)
            let hung = try await lab.exec("host-a", ["wgctl", "diff"])
            try await lab.must("host-a", "kill", "-CONT", pid)
            #expect(hung.status == 2 && hung.output.contains("Podman networks were not compared"), "\(hung)")
            #expect(!hung.errors.contains("as the manifests want"), "\(hung)")
            try await nothingDiffers("host-a")
        }

        private func changes(_ host: String, _ directory: URL) async throws -> [Change] {
            let finished = try await lab().exec(host, ["wgctl", "diff", directory.path, "-o", "json"])
            #expect(finished.status == 1, "\(finished)")
            let report = try JSONDecoder().decode(Report.self, from: Data(finished.output.utf8))
            #expect(report.held.isEmpty)
            return report.changes
        }

        private func nothingDiffers(_ host: String) async throws {
            let lab = try lab()
            try await lab.eventually(host, ["wgctl", "diff"]) { $0.isEmpty }
        }
    }
}

import Foundation
import Testing

/// Editing YAML while it runs: only what the edit says changes, and nobody else notices.
extension EndToEnd {
    @Suite(.lab("edit", of: "two-hosts", lag: ["host-b": "2s"])) struct EditTests {
        private static func container(_ name: String, _ address: String, command: String = "[sleep, infinity]")
            -> String
        {
            """
                - name: \(name)
                  networks: [{overlay: overlay-net, addresses: [\(address)]}]
                  image: docker.io/library/alpine:3.20
                  command: \(command)

            """
        }

        @Test func addChangeMoveRemoveLeaveTheOthersAlone() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            let id = try await lab.must("host-a", "podman", "inspect", "-f", "{{.Id}}", "pod-a")
            let handshake = try await lab.must("host-a", "sh", "-c", "ip -o link show wg0 | cut -d: -f1")
            let hostA = try lab.read("host-a.yaml")
            let hostB = try lab.read("host-b.yaml")
            let ping = try await SteadyPing(lab, "host-a", container: "pod-a", "10.0.0.20", seconds: 25)

            // Added.
            try lab.save("host-a.yaml", hostA.withContainer(Self.container("pod-c", "10.0.0.30")))
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.30")

            // Changed: replaced, same address.
            let first = try await lab.must("host-a", "podman", "inspect", "-f", "{{.Id}}", "pod-c")
            try lab.save(
                "host-a.yaml", hostA.withContainer(Self.container("pod-c", "10.0.0.30", command: "[sleep, '86400']")))
            try await lab.eventually("host-a", ["podman", "inspect", "-f", "{{.Id}}", "pod-c"]) { $0 != first }
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.30")

            // Moved: host-a to host-b, same address.
            try lab.save("host-a.yaml", hostA)
            try lab.save("host-b.yaml", hostB.withContainer(Self.container("pod-c", "10.0.0.30")))
            try await lab.eventually("host-b", ["podman", "inspect", "-f", "{{.State.Status}}", "pod-c"]) {
                $0.contains("running")
            }
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.30")
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.30")
            try await lab.eventually("host-a", ["podman", "ps", "-a"]) { !$0.contains("pod-c") }
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.30")

            // Removed.
            try lab.save("host-b.yaml", hostB)
            let deadline = ContinuousClock.now + .seconds(60)
            while try await lab.exec("host-b", ["podman", "container", "exists", "pod-c"]).isSuccess {
                try #require(ContinuousClock.now < deadline, "pod-c is not removed")
            }

            try await ping.expectNoLoss()
            #expect(try await lab.must("host-a", "podman", "inspect", "-f", "{{.Id}}", "pod-a") == id)
            #expect(try await lab.must("host-a", "sh", "-c", "ip -o link show wg0 | cut -d: -f1") == handshake)
        }

        @Test func brokenFileIsNamedAndTrafficGoesOn() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            let good = try lab.read("host-b.yaml")
            let ping = try await SteadyPing(lab, "host-a", container: "pod-a", "10.0.0.20", seconds: 5)
            try lab.save("host-b.yaml", good + "\n  broken: [\n")
            try await lab.eventually("host-a", ["sh", "-c", "wgctl get nodes 2>&1"]) { text in
                text.contains("host-b.yaml:") && text.contains("host-b ")
            }
            try await lab.eventually("host-a", ["wgctl", "get", "events"]) { $0.contains("host-b.yaml:") }
            try await ping.expectNoLoss()

            try lab.save("host-b.yaml", good)
            try await lab.eventually("host-a", ["sh", "-c", "wgctl get nodes 2>&1"]) { !$0.contains("host-b.yaml:") }
        }

        @Test func badFieldIsNamedWithASuggestion() async throws {
            let lab = try lab()
            let good = try lab.read("host-b.yaml")
            defer { try? lab.save("host-b.yaml", good) }
            try lab.save("host-b.yaml", good.replacingOccurrences(of: "  endpoint:", with: "  endpont:"))
            try await lab.eventually("host-a", ["wgctl", "describe", "node", "host-b"]) { text in
                text.contains("did you mean \"endpoint\"") && text.contains("host-b.yaml:")
            }
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
        }
    }
}

extension String {
    /// The manifest with one more container at its end: `containers` is its last field.
    func withContainer(_ text: String) -> String { hasSuffix("\n") ? self + text : self + "\n" + text }
}

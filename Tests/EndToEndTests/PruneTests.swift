import Foundation
import Testing

/// Faults 1 and 2 on real hosts: what the author did not plainly delete stays, until an operator lets it go.
extension EndToEnd {
    @Suite(.lab("prune", of: "two-hosts", grace: 1)) struct PruneTests {
        @Test func anEmptiedDirectoryIsHeldUntilTheFilesComeBackOrAnOperatorConfirms() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            let identity = try await lab.identity("host-a", container: "pod-a")
            let ping = try await SteadyPing(lab, "host-a", container: "pod-a", "10.0.0.20", seconds: 6)
            let files = ["host-a.yaml", "host-b.yaml", "overlay.yaml"]
            let texts = try files.map { try lab.read($0) }
            for file in files { try FileManager.default.removeItem(at: lab.manifests.appendingPathComponent(file)) }
            try await lab.eventually("host-a", ["wgctl", "get", "events"]) { $0.contains("PruneBlocked") }
            try await lab.eventually("host-a", ["sh", "-c", "wgctl get nodes 2>&1"]) { text in
                text.contains("PruneBlocked") && text.contains("warning: ") && text.contains("wgctl prune --confirm")
            }
            let shown = try await lab.exec("host-a", ["wgctl", "prune"])
            #expect(shown.status == 1)
            #expect(shown.output.contains("everything would be deleted (5 resources and containers)"), "\(shown)")
            #expect(shown.output.contains("  - container pod-a of Node/host-a\n"), "\(shown)")
            // A restart remembers it.
            let pid = try await lab.must("host-a", "cat", "/var/lib/wgctl/wgd.lock")
            try await lab.must("host-a", "kill", "-9", pid.trimmingCharacters(in: .whitespacesAndNewlines))
            try await lab.eventually("host-a", ["wgctl", "prune"].shell(expecting: 1)) {
                $0.contains("everything would be deleted")
            }
            try await ping.expectNoLoss()
            #expect(try await lab.identity("host-a", container: "pod-a") == identity)

            // The files come back: nothing was ever gone.
            for (file, text) in zip(files, texts) { try lab.save(file, text) }
            try await lab.eventually("host-a", ["wgctl", "prune"])
            try await lab.ready("host-a")
            #expect(try await lab.identity("host-a", container: "pod-a") == identity)

            // The records are lost while the own Node's file is broken: the marks on the host are all that is left.
            try lab.save("host-a.yaml", "spec: {{{")
            try await lab.eventually("host-a", ["wgctl", "get", "events"]) { $0.contains("host-a.yaml:1:") }
            let lost = try await lab.daemon("host-a")
            try await lab.shell("host-a", "rm -f /var/lib/wgctl/state.db*; kill -9 \(lost)")
            try await lab.eventually("host-a", ["wgctl", "status"].shell(expecting: 1)) {
                $0.contains("there are no records")
            }
            let link = try await lab.index("host-a", "wg0")
            for _ in 0..<2 { try await lab.must("host-a", "wgctl", "resync") }
            #expect(try await lab.identity("host-a", container: "pod-a") == identity)
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try lab.save("host-a.yaml", texts[0])
            try await lab.eventually("host-a", ["wgctl", "status"]) { !$0.contains("there are no records") }
            try await lab.ready("host-a")
            #expect(try await lab.index("host-a", "wg0") == link)
            #expect(try await lab.identity("host-a", container: "pod-a") == identity)

            // This host's Node alone: the other host drops the peer, this one keeps all that it is.
            try FileManager.default.removeItem(at: lab.manifests.appendingPathComponent("host-a.yaml"))
            try await lab.eventually("host-a", ["wgctl", "prune"].shell(expecting: 1)) {
                $0.contains("Node/host-a, which is this host, would be deleted")
            }
            try await lab.eventually("host-b", ["sh", "-c", "wg show wg0 peers | wc -l"]) { $0.hasPrefix("0") }
            #expect(try await lab.identity("host-a", container: "pod-a") == identity)
            #expect(try await lab.exec("host-b", ["wgctl", "prune", "--confirm"]).output.isEmpty)
            let confirmed = try await lab.exec("host-a", ["wgctl", "prune", "--confirm"])
            #expect(confirmed.isSuccess && confirmed.output.contains("Node/host-a"), "\(confirmed)")
            try await lab.eventually("host-a", ["podman", "ps", "-aq"]) { $0.isEmpty }
            try await lab.eventually("host-a", ["sh", "-c", "! ip link show wg0 2>/dev/null"])
            #expect(try await lab.must("host-a", "wgctl", "events").contains("PruneUnblocked"))
            try lab.save("host-a.yaml", texts[0])
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
        }
    }
}

extension [String] {
    /// A shell's command that runs this one and succeeds when it ends with a certain status.
    fileprivate func shell(expecting status: Int) -> [String] {
        ["sh", "-c", "\(joined(separator: " ")) 2>&1; test $? = \(status)"]
    }
}

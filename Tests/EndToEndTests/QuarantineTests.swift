import Foundation
import Testing

/// Fault 14 on a real host: the daemon dies over one file, and comes back without it.
extension EndToEnd {
    @Suite(.labWithoutDaemons("quarantine", of: "two-hosts")) struct QuarantineTests {
        @Test func aManifestThatHangsTheParserIsSetAsideAndTheOthersConverge() async throws {
            let lab = try lab()
            // The last of four files, so that the fourth line of the journal is its own.
            try lab.save(
                "zz.yaml",
                """
                apiVersion: wgctl.dev/v1alpha1
                kind: Overlay
                metadata: {name: other}
                spec: {subnets: [10.9.0.0/24]}
                """)
            let journal = "\(Laboratory.stateDirectory)/parsing"
            // Reading the fourth file takes longer than is allowed.
            let trap =
                "env WGD_PARSE_TIMEOUT=1 strace -f -qq -o /run/strace -P \(journal) -e trace=pwrite64 "
                + "-e inject=pwrite64:delay_exit=5000000:when=4 "
            let line = Laboratory.daemonLine(for: "host-a", lab)
            for _ in 0..<2 {
                let end = try await lab.exec("host-a", ["sh", "-c", "\(trap)\(line) 2>&1"], seconds: 60)
                #expect(end.status == 1 && end.output.contains("reading zz.yaml has not ended"), "\(end)")
                #expect(try await lab.must("host-a", "cat", journal).contains(" zz.yaml\n"))
            }
            // The third start meets the same trap, and never gets to the fourth file.
            try await lab.startOwnDaemon("host-a", under: trap)
            try await lab.eventually("host-a", ["podman", "inspect", "-f", "{{.State.Status}}", "pod-a"]) {
                $0.contains("running")
            }
            let shown = try await lab.must("host-a", "sh", "-c", "wgctl get overlays 2>&1")
            #expect(shown.contains("zz.yaml:1:1: wgd died twice") && shown.contains("overlay-net"), "\(shown)")
            #expect(try await lab.must("host-a", "wgctl", "events").contains("Quarantined"))
            try await lab.stopOwnDaemon("host-a")
            // Another content is another file.
            try lab.save("zz.yaml", try lab.read("zz.yaml") + "\n# changed\n")
            try await lab.startOwnDaemon("host-a")
            try await lab.eventually("host-a", ["wgctl", "get", "overlays"]) { $0.contains("other") }
            let healed = try await lab.must("host-a", "sh", "-c", "wgctl get overlays 2>&1")
            #expect(!healed.contains("died"), "\(healed)")
            try await lab.stopOwnDaemon("host-a")
        }
    }
}

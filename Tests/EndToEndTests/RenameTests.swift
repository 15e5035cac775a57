import Foundation
import Testing

/// Fault 50: an Overlay renamed, alone or with its members, takes over what exists.
extension EndToEnd {
    @Suite(.lab("rename", of: "two-hosts", grace: 1)) struct RenameTests {
        private static let files = ["overlay.yaml", "host-a.yaml", "host-b.yaml"]

        /// cases/24, one file after the other and all at once, while two containers ping each other.
        @Test func aRenamedOverlayLosesNothing() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            let before = try await state(lab)
            let ping = try await SteadyPing(lab, "host-a", container: "pod-a", "10.0.0.20", seconds: 18)
            // The Overlay's file alone: what refers to it keeps it.
            try rename(lab, "overlay-net", "mesh", in: [Self.files[0]])
            try await lab.eventually("host-a", ["wgctl", "get", "overlays"]) {
                $0.contains("InUse") && $0.contains("Conflict")
            }
            #expect(try await state(lab) == before)
            try rename(lab, "overlay-net", "mesh", in: Array(Self.files.dropFirst()))
            for host in ["host-a", "host-b"] {
                try await lab.eventually(host, ["wgctl", "events"]) { $0.contains("TakenOver") }
                try await lab.ready(host)
                #expect(try await lab.exec(host, ["wgctl", "prune"]).isSuccess, "nothing is blocked")
                let described = try await lab.must(host, "wgctl", "describe", "overlay", "mesh")
                #expect(described.contains("Made As:") && described.contains("overlay-net"), "\(described)")
            }
            #expect(try await state(lab) == before)
            // What the new name hides, a restart of wgd does not bring up again.
            let pid = try await lab.daemon("host-b")
            try await lab.must("host-b", "kill", "-9", pid)
            try await lab.eventually("host-b", ["cat", "/var/lib/wgctl/wgd.lock"]) { $0 != "\(pid)\n" && !$0.isEmpty }
            try await lab.settled("host-b")
            #expect(try await lab.must("host-b", "sh", "-c", "wgctl diff 2>&1").contains("No changes"))
            // Where the database is lost, the marks on the host tell the name.
            let lost = try await lab.daemon("host-a")
            try await lab.shell("host-a", "rm -f /var/lib/wgctl/state.db*; kill -9 \(lost)")
            try await lab.eventually("host-a", ["cat", "/var/lib/wgctl/wgd.lock"]) { $0 != "\(lost)\n" && !$0.isEmpty }
            try await lab.settled("host-a")
            let recovered = try await lab.must("host-a", "wgctl", "describe", "overlay", "mesh")
            #expect(recovered.contains("Made As:"), "\(recovered)")
            #expect(try await state(lab) == before)
            // And back, all files at once.
            try rename(lab, "mesh", "overlay-net", in: Self.files)
            try await lab.eventually("host-a", ["wgctl", "get", "overlays"]) {
                !$0.contains("mesh") && !$0.contains("False")
            }
            try await ping.expectNoLoss()
            #expect(try await state(lab) == before)
        }

        /// What cannot be taken over stays whole until an operator confirms.
        @Test func anotherInterfaceWaitsForConfirmation() async throws {
            let lab = try lab()
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            let before = try await state(lab)
            let texts = try Self.files.map { try lab.read($0) }
            let ping = try await SteadyPing(lab, "host-a", container: "pod-a", "10.0.0.20", seconds: 5)
            try lab.save("overlay.yaml", texts[0].replacingOccurrences(of: "wg0", with: "wg5"))
            try rename(lab, "overlay-net", "mesh", in: Self.files)
            for host in ["host-a", "host-b"] {
                try await lab.eventually(host, ["sh", "-c", "wgctl prune || true"]) {
                    $0.contains("because its interface is wg5, not wg0")
                }
            }
            try await ping.expectNoLoss()
            #expect(try await state(lab) == before)
            for (file, text) in zip(Self.files, texts) { try lab.save(file, text) }
            try await lab.eventually("host-a", ["wgctl", "prune"])
            #expect(try await state(lab) == before)
        }

    }

    /// The same while one host still has the old name (I13). `WGCTL_LAG` says how late it is.
    @Suite(.lab("rename-late", of: "two-hosts", grace: 1, lag: ["host-b": lateBy]))
    struct LateRenameTests {
        /// With keys that derive from the name, and a Podman network that has it.
        @Test func presharedKeysAndTheNetworkKeepTheName() async throws {
            let lab = try lab()
            let key = "umask 077; mkdir -p /etc/wgctl/secrets; head -c 32 /dev/zero | tr '\\0' 'k' | base64"
            for host in ["host-a", "host-b"] { try await lab.shell(host, "\(key) > /etc/wgctl/secrets/net") }
            try lab.save(
                "overlay.yaml",
                """
                apiVersion: wgctl.dev/v1alpha1
                kind: Overlay
                metadata: {name: overlay-net}
                spec:
                  subnets: [10.0.0.0/24]
                  wireguard: {interface: wg0, listenPort: 51820, presharedKeys: {file: /etc/wgctl/secrets/net}}
                """)
            for host in ["host-a", "host-b"] {
                try await lab.eventually(host, ["podman", "network", "ls", "-q"], seconds: 180) {
                    $0.contains("overlay-net")
                }
                try await lab.eventually(host, ["wg", "show", "wg0", "preshared-keys"], seconds: 180) {
                    !$0.contains("(none)") && !$0.isEmpty
                }
            }
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20", seconds: 180)
            for host in ["host-a", "host-b"] { try await lab.settled(host) }
            let before = try await state(lab)
            let ping = try await SteadyPing(
                lab, "host-a", container: "pod-a", "10.0.0.20", seconds: lateBySeconds + 12)
            try rename(lab, "overlay-net", "mesh", in: ["host-b.yaml", "overlay.yaml", "host-a.yaml"])
            try await lab.eventually("host-a", ["wgctl", "events"]) { $0.contains("TakenOver") }
            #expect(try await !lab.must("host-b", "wgctl", "events").contains("TakenOver"), "host-b is late")
            try await lab.eventually("host-b", ["wgctl", "events"], seconds: 180) { $0.contains("TakenOver") }
            let keys = try await presharedKeys(lab)
            #expect(keys[0] == keys[1], "both hosts derive them from the same name")
            try await ping.expectNoLoss()
            #expect(try await state(lab) == before)
            for host in ["host-a", "host-b"] {
                #expect(try await lab.must(host, "podman", "network", "ls", "-q").contains("overlay-net"))
            }
        }

        private func presharedKeys(_ lab: Laboratory) async throws -> [Substring?] {
            var keys: [Substring?] = []
            for host in ["host-a", "host-b"] {
                keys.append(try await lab.must(host, "wg", "show", "wg0", "preshared-keys").split(separator: "\t").last)
            }
            return keys
        }
    }
}

/// How late the late host is: 3 s in `make test`, 60 s in `make nightly`.
private let lateBySeconds = ProcessInfo.processInfo.environment["WGCTL_LAG"].flatMap { Int($0) } ?? 3
private let lateBy = "\(lateBySeconds)s"

private func rename(_ lab: Laboratory, _ old: String, _ new: String, in files: [String]) throws {
    for file in files { try lab.save(file, try lab.read(file).replacingOccurrences(of: old, with: new)) }
}

/// What a rename must leave alone: containers, links and their numbers.
private func state(_ lab: Laboratory) async throws -> [String] {
    var state: [String] = []
    for (host, pod) in [("host-a", "pod-a"), ("host-b", "pod-b")] {
        state.append(try await lab.identity(host, container: pod))
        state.append(try await lab.index(host, "wg0"))
        state.append(try await lab.index(host, "br-wg0"))
    }
    return state
}

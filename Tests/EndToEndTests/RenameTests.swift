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
            let ping = try await SteadyPing(lab, "host-a", container: "pod-a", "10.0.0.20", seconds: 12)
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
            try await lab.eventually("host-b", ["cat", "/var/lib/wgctl/wgd.lock"]) { !$0.contains(pid) }
            try await lab.settled("host-b")
            #expect(try await lab.must("host-b", "sh", "-c", "wgctl diff 2>&1").contains("No changes"))
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

        private func rename(_ lab: Laboratory, _ old: String, _ new: String, in files: [String]) throws {
            for file in files {
                try lab.save(file, try lab.read(file).replacingOccurrences(of: old, with: new))
            }
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
    }
}

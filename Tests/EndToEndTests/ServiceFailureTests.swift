import Foundation
import Testing

/// Fault 55: a service of wgd that cannot start costs the host nothing else (invariant I8).
extension EndToEnd {
    @Suite(.labWithoutDaemons("services", of: "two-hosts")) struct ServiceFailureTests {
        @Test func aControlSocketThatCannotBeMadeLeavesTheNetworkToConverge() async throws {
            let lab = try lab()
            let socket = "/run/blocked/wgd.sock"
            try await lab.must("host-a", "sh", "-c", "mkdir /run/blocked && echo precious >\(socket)")
            try await lab.launchOwnDaemon("host-a", socket: socket)
            // The link comes, with nobody to ask.
            try await lab.eventually("host-a", ["ip", "link", "show", "wg0"])
            try await lab.eventually("host-a", ["podman", "ps"]) { $0.contains("pod-a") }
            #expect(try await lab.must("host-a", "cat", socket) == "precious\n", "the file is not wgd's to delete")
            // Without a daemon to ask, what it recorded tells.
            let status = "wgctl status --state \(Laboratory.stateDirectory)/state.db --socket \(socket) 2>&1"
            try await lab.eventually("host-a", ["sh", "-c", status]) {
                $0.contains("the control socket does not work: \(socket)")
                    && $0.contains("runs, but nothing listens on \(socket)")
            }

            // The cause goes, and the socket comes; it was said once however often it was tried.
            try await lab.must("host-a", "rm", socket)
            try await lab.eventually("host-a", ["wgctl", "events", "--socket", socket], seconds: 60) {
                $0.contains("ServiceRestored")
            }
            let log = try await lab.must("host-a", "cat", "/run/wgd-by-hand.log")
            #expect(log.components(separatedBy: "ServiceFailed").count == 2, "\(log)")
            let after = try await lab.must("host-a", "wgctl", "status", "--socket", socket)
            #expect(!after.contains("does not work"), "\(after)")
            try await lab.stopOwnDaemon("host-a")
        }
    }
}

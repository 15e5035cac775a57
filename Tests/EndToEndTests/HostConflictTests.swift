import Foundation
import Testing

/// An overlay that clashes with a host's own routes is left out there and nowhere else, and comes by itself.
extension EndToEnd {
    @Suite(.labWithoutDaemons("host-conflict", of: "two-hosts")) struct HostConflictTests {
        @Test func aLANRouteBarsTheOverlayUntilItIsGone() async throws {
            let lab = try lab()
            try await lab.must("host-a", "ip", "route", "add", "10.0.0.0/24", "dev", "eth0")
            try await lab.startOwnDaemon("host-a")
            try await lab.startOwnDaemon("host-b")
            try await lab.eventually("host-a", ["wgctl", "get", "overlays"]) { $0.contains("Conflict") }
            let described = try await lab.must("host-a", "wgctl", "describe", "overlay", "overlay-net")
            #expect(described.contains("overlaps this host's route 10.0.0.0/24 dev eth0"), "\(described)")
            #expect(try await condition("Accepted", "host-a") == "True")
            #expect(try await condition("Programmed", "host-a") == "False")
            // Nothing was made, and the route is as it was.
            #expect(try await !lab.exec("host-a", ["ip", "link", "show", "wg0"]).isSuccess)
            #expect(try await !lab.exec("host-a", ["podman", "network", "exists", "overlay_net"]).isSuccess)
            let route = try await lab.must("host-a", "ip", "route", "show", "10.0.0.0/24")
            #expect(route.contains("dev eth0"))
            let containers = try await lab.must("host-a", "wgctl", "get", "containers")
            #expect(containers.contains("Conflict"), "\(containers)")
            // The other host has no such route, and no conflict.
            try await lab.eventually("host-b", ["podman", "inspect", "-f", "{{.State.Status}}", "pod-b"]) {
                $0.contains("running")
            }
            #expect(try await condition("Programmed", "host-b") == "True")

            // Nobody tells the daemon but the kernel.
            try await lab.must("host-a", "ip", "route", "del", "10.0.0.0/24", "dev", "eth0")
            try await lab.eventually("host-a", ["podman", "inspect", "-f", "{{.State.Status}}", "pod-a"], seconds: 20) {
                $0.contains("running")
            }
            try await lab.eventually("host-a", ["wgctl", "get", "overlays"]) { $0.contains("True") }
            let events = try await lab.must("host-a", "wgctl", "events", "--for", "overlay/overlay-net")
            #expect(events.contains("Conflict") && events.contains("ConflictResolved"), "\(events)")

            // A clash that comes later takes nothing away: it is said.
            let id = try await lab.must("host-a", "podman", "inspect", "-f", "{{.Id}}", "pod-a")
            try await lab.must("host-a", "ip", "route", "add", "10.0.0.128/25", "dev", "eth0")
            try await lab.eventually("host-a", ["sh", "-c", "wgctl get overlays 2>&1"]) { text in
                text.contains("warning: overlay overlay-net") && text.contains("10.0.0.128/25 dev eth0")
            }
            #expect(try await condition("Programmed", "host-a") == "True")
            #expect(try await lab.must("host-a", "podman", "inspect", "-f", "{{.Id}}", "pod-a") == id)
            try await lab.must("host-a", "ip", "route", "del", "10.0.0.128/25", "dev", "eth0")
            try await lab.eventually("host-a", ["sh", "-c", "wgctl get overlays 2>&1"]) { !$0.contains("warning: ") }

            // After a reboot the links are gone, and the LAN may clash from the start: containers and their files stay.
            try await lab.stopOwnDaemon("host-a")
            for link in ["wg0", "va-wg0", "br-wg0"] { try await lab.must("host-a", "ip", "link", "del", link) }
            try await lab.must("host-a", "ip", "route", "add", "10.0.0.0/24", "dev", "eth0")
            try await lab.startOwnDaemon("host-a")
            try await lab.eventually("host-a", ["wgctl", "get", "overlays"]) { $0.contains("Conflict") }
            let reconciles = try await lab.reconciles("host-a")
            try await lab.must("host-a", "wgctl", "resync")
            while try await lab.reconciles("host-a") < reconciles + 3 { try await Task.sleep(for: .milliseconds(100)) }
            #expect(try await lab.must("host-a", "podman", "inspect", "-f", "{{.Id}}", "pod-a") == id)
            #expect(try await lab.exec("host-a", ["podman", "network", "exists", "overlay_net"]).isSuccess)
            try await lab.must("host-a", "ip", "route", "del", "10.0.0.0/24", "dev", "eth0")
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.1")
            #expect(try await lab.must("host-a", "podman", "inspect", "-f", "{{.Id}}", "pod-a") == id)
        }

        /// `wgctl down` where the daemon is no more: the same is taken away, and only that.
        @Test func downWithoutADaemonTakesEverythingAway() async throws {
            let lab = try lab()
            try await lab.eventually("host-b", ["podman", "inspect", "-f", "{{.State.Status}}", "pod-b"]) {
                $0.contains("running")
            }
            let key = try await lab.must("host-b", "wgctl", "key", "show")
            try await lab.stopOwnDaemon("host-b")
            #expect(try await lab.exec("host-b", ["wgctl", "down"]).status == 3, "it looked into another directory")
            let down = try await lab.must("host-b", "wgctl", "down", "--state-dir", Laboratory.stateDirectory)
            #expect(down.contains("pod-b") && down.contains("wg0"), "\(down)")
            let links = try await lab.must("host-b", "ip", "-o", "link", "show")
            #expect(!links.contains("wg0") && links.contains("eth0"), "\(links)")
            #expect(try await lab.must("host-b", "ip", "route", "show", "proto", "87").isEmpty)
            #expect(try await !lab.exec("host-b", ["podman", "container", "exists", "pod-b"]).isSuccess)
            #expect(try await !lab.exec("host-b", ["podman", "network", "exists", "overlay_net"]).isSuccess)
            let again = try await lab.must("host-b", "wgctl", "down", "--state-dir", Laboratory.stateDirectory)
            #expect(again.isEmpty, "\(again)")
            // The key stays, and is shown without a daemon.
            let shown = try await lab.must("host-b", "wgctl", "key", "show", "--state-dir", Laboratory.stateDirectory)
            #expect(shown == key)
        }

        private func condition(_ type: String, _ host: String) async throws -> String? {
            let text = try await lab().must(host, "wgctl", "get", "overlay", "overlay-net", "-o", "json")
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            let status = object?["status"] as? [String: Any]
            let conditions = try #require(status?["conditions"] as? [[String: Any]], "\(text)")
            return conditions.first { $0["type"] as? String == type }?["status"] as? String
        }
    }
}

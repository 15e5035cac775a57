import Foundation
import Testing

/// `wgctl down` takes away what is ours and nothing else; a foreign thing under our name is never touched.
extension EndToEnd {
    @Suite(.lab("down", of: "two-hosts", grace: 1)) struct DownTests {
        /// Everything that a host has, ours or not. Lines that count or age are left out.
        private static let inventory = """
            ip -o link; ip -o addr; ip -4 route show table all; ip -6 route show table all
            ip -4 neigh show proxy; ip -6 neigh show proxy; ip -4 rule; ip -6 rule
            sysctl -a -r 'net.ipv[46].(ip_forward|conf|neigh)' 2>/dev/null
            podman ps -a --format '{{.Names}} {{.ID}}'; podman network ls --no-trunc
            podman volume ls; podman secret ls --format '{{.Name}}'; nft list tables | sort
            """

        private static let foreign = """
            ip link add br-mine type bridge; ip addr add 172.31.0.1/24 dev br-mine; ip link set br-mine up
            ip route add 172.31.5.0/24 via 172.31.0.9; ip route add 172.31.6.0/24 dev br-mine proto 99
            ip -6 neigh add proxy fd99::1 dev br-mine
            podman network create --subnet 172.31.9.0/24 mine
            """

        @Test func everythingOfOursGoesAndComesBackAndNothingElseIsTouched() async throws {
            let lab = try lab()
            try await down("host-a")
            try await lab.shell("host-a", Self.foreign)
            try await lab.background(
                "host-a", "podman run -d --name theirs --network mine \(Laboratory.image) sleep infinity")
            try await lab.eventually("host-a", ["podman", "inspect", "-f", "{{.State.Status}}", "theirs"]) {
                $0.contains("running")
            }
            try await lab.must("host-a", "sysctl", "-w", "net.ipv4.ip_forward=0")
            // The link-local address of the new bridge is a second in the making.
            try await lab.eventually("host-a", ["ip", "-6", "addr", "show", "tentative"]) { $0.isEmpty }
            let before = try await lab.shell("host-a", Self.inventory)
            #expect(before.contains("net.ipv4.ip_forward = 0\n") && before.contains("theirs"))

            try await lab.startDaemon("host-a")
            try await lab.ready("host-a")
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            #expect(try await lab.must("host-a", "sysctl", "-n", "net.ipv4.ip_forward") == "1\n")
            let theirs = try await lab.identity("host-a", container: "theirs")

            let said = try await down("host-a")
            for thing in [
                "container pod-a", "network overlay_net", "link wg0", "link br-wg0", "sysctl", "table inet wgctl",
            ] {
                #expect(said.contains(thing), "\(thing) is not named in\n\(said)")
            }
            let after = try await lab.shell("host-a", Self.inventory)
            #expect(Set(after.split(separator: "\n")).symmetricDifference(before.split(separator: "\n")) == [])
            #expect(try await lab.identity("host-a", container: "theirs") == theirs)
            let processes = try await lab.must("host-a", "ps", "-eo", "args")
            #expect(!processes.contains("wireguard-go") && !processes.contains("wgd --node"), "\(processes)")

            try await tellsTheLastRecordedState(lab)

            try await lab.startDaemon("host-a")
            try await lab.ready("host-a")
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.10")
            try await lab.shell("host-a", "podman rm -f -t 0 theirs; podman network rm mine; ip link del br-mine")
        }

        private func tellsTheLastRecordedState(_ lab: Laboratory) async throws {
            // pid 1 would start it again within a second if it had failed.
            try await Task.sleep(for: .milliseconds(1500))
            let nodes = try await lab.exec("host-a", ["wgctl", "get", "nodes"])
            #expect(nodes.status == 0 && nodes.errors.contains("wgd has not been running for"), "\(nodes)")
            let own = try #require(nodes.lines.first { $0.hasPrefix("host-a") }, "\(nodes)")
            #expect(own.contains("False"), "what was taken down is not ready: \(own)")
            #expect(nodes.output.contains("host-b"))
            let events = try await lab.must("host-a", "wgctl", "get", "events", "-o", "yaml")
            #expect(!events.contains("regarding: node/\n"), "an event about nothing: \(events)")
            #expect(!events.contains("the network stays"), "it does not stay: \(events)")
            // Without a record there is nothing to show: status 3, as documented.
            let none = try await lab.exec(
                "host-a", ["env", "WGCTL_STATE=/run/nowhere/state.db", "wgctl", "get", "nodes"])
            #expect(none.status == 3, "\(none)")
        }

        @Test func aForeignInterfaceOfOurNameIsAConflictAndIsLeftAlone() async throws {
            let lab = try lab()
            try await down("host-a")
            try await lab.shell("host-a", "ip link add wg0 type bridge; ip addr add 172.31.1.1/24 dev wg0")
            let found = try await lab.must("host-a", "ip", "-o", "addr", "show", "wg0")
            let index = try await lab.index("host-a", "wg0")
            try await lab.startDaemon("host-a")
            try await lab.eventually("host-a", ["wgctl", "describe", "overlay", "overlay-net"]) { text in
                text.contains("Programmed") && text.contains("False") && text.contains("wg0")
                    && text.contains("is not ours")
            }
            try await lab.must("host-a", "wgctl", "resync")
            try await Task.sleep(for: .seconds(1))
            #expect(try await lab.must("host-a", "ip", "-o", "addr", "show", "wg0") == found)
            #expect(try await lab.index("host-a", "wg0") == index)

            try await lab.must("host-a", "ip", "link", "del", "wg0")
            try await lab.ready("host-a")
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
        }

        /// - Returns: what `wgctl down` said.
        @discardableResult
        private func down(_ host: String) async throws -> String {
            let lab = try lab()
            let daemon = try await lab.daemon(host)
            let said = try await lab.must(host, "wgctl", "down")
            try await lab.eventually(host, ["sh", "-c", "! test -e /proc/\(daemon)"])
            return said
        }
    }
}

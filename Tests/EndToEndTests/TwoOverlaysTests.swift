import Foundation
import Testing

/// Two overlays on each host, one of them IPv6 only; endpoints are names, one node has names and ports of its own.
extension EndToEnd {
    @Suite(.lab("two-overlays", fixture: "two-overlays", grace: 1, lag: ["south": "2s"])) struct TwoOverlaysTests {
        @Test func containersReachTheirOwnOverlayOnly() async throws {
            let lab = try lab()
            for (host, container, addresses) in [
                ("north", "north-blue", ["10.30.0.2", "10.30.0.21", "10.30.0.22"]),
                ("north", "north-green", ["fd00:40::2", "fd00:40::22"]),
                ("south", "south-blue", ["10.30.0.1", "10.30.0.11", "10.30.0.22"]),
                ("south", "south-both", ["10.30.0.11", "10.30.0.21", "fd00:40::1", "fd00:40::11"]),
            ] {
                for address in addresses { try await lab.reaches(host, container: container, address) }
            }
            for (host, container, address) in [
                ("north", "north-blue", "fd00:40::11"), ("north", "north-green", "10.30.0.11"),
                ("south", "south-blue", "fd00:40::22"),
            ] {
                let ping = try await lab.exec(
                    host, ["podman", "exec", container, "ping", "-c", "1", "-W", "1", address])
                #expect(!ping.isSuccess, "\(container) reaches \(address) of another overlay: \(ping)")
            }
            let networks = try await lab.must(
                "south", "podman", "inspect", "-f", "{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}",
                "south-blue", "south-both")
            #expect(networks == "blue \nblue green \n")
        }

        @Test func interfacesAndPortsAreTheNodesOwn() async throws {
            let lab = try lab()
            #expect(try await lab.must("north", "wg", "show", "tunnel6", "listen-port") == "51999\n")
            #expect(try await lab.must("north", "wg", "show", "wg-blue", "listen-port") == "51901\n")
            #expect(try await lab.must("south", "wg", "show", "wg-green", "listen-port") == "51902\n")
            let endpoints = try await lab.must("south", "wg", "show", "wg-green", "endpoints")
            #expect(endpoints.contains(":51999\n"), "\(endpoints)")
        }

        /// The author points a node's overlay at another of its addresses: written once, and never fought over again.
        @Test func anEditedEndpointIsWrittenOnce() async throws {
            let lab = try lab()
            try await lab.reaches("north", container: "north-blue", "10.30.0.21")
            let first = try await address(of: "one.south.example.test")
            let second = try await address(of: "two.south.example.test")
            try #require(first != second)
            try await lab.settled("north")
            let endpoints = try await lab.must("north", "wg", "show", "wg-blue", "endpoints")
            #expect(endpoints.contains("\t\(first):51901\n"), "\(endpoints)")
            let before = try await lab.allWrites("north")

            let ping = try await SteadyPing(lab, "north", container: "north-blue", "10.30.0.21", seconds: 4)
            let text = try lab.read("south.yaml")
            try lab.save(
                "south.yaml",
                text.replacingOccurrences(
                    of: "endpoint: one.south.example.test", with: "endpoint: two.south.example.test"))
            try await lab.eventually("north", ["wg", "show", "wg-blue", "endpoints"]) {
                $0.contains("\t\(second):51901\n")
            }
            try await lab.settled("north")
            let after = try await lab.allWrites("north")
            #expect(after["wireguard"] == (before["wireguard"] ?? 0) + 1)
            #expect(after["kernel"] == before["kernel"] && after["podman"] == before["podman"])

            // The peer roams to its first address again: that is its own affair while the handshake is fresh.
            let peer = try #require(endpoints.split(separator: "\t").first).description
            try await lab.must("north", "wg", "set", "wg-blue", "peer", peer, "endpoint", "\(first):51901")
            try await lab.must("north", "wgctl", "resync")
            try await Task.sleep(for: .seconds(1))
            #expect(try await lab.allWrites("north")["wireguard"] == after["wireguard"])
            try await lab.reaches("north", container: "north-blue", "10.30.0.21")
            try await ping.expectNoLoss()
            try lab.save("south.yaml", text)
        }

        private func address(of name: String) async throws -> String {
            let line = try await lab().must("north", "getent", "ahostsv4", name)
            return try #require(line.split(separator: " ").first).description
        }
    }
}

import Foundation
import Testing

/// `manifests/three-sites`: three nodes, dual stack, two containers each, one behind NAT, one with a routes slice.
extension EndToEnd {
    @Suite(.lab("three-sites", of: "three-sites", grace: 1)) struct ThreeSitesTests {
        struct Pod: Sendable {
            var host: String
            var name: String
            var addresses: [String]
        }

        /// Read from a host, so that the example can change without this test.
        private func pods() async throws -> [Pod] {
            let lab = try lab()
            let hosts = try await lab.must(try await anyHost(), "wgctl", "get", "containers", "-o", "json")
            let object = try JSONSerialization.jsonObject(with: Data(hosts.utf8))
            let items = (object as? [String: Any])?["items"] as? [[String: Any]] ?? object as? [[String: Any]] ?? []
            return items.compactMap { item in
                guard let metadata = item["metadata"] as? [String: Any], let name = metadata["name"] as? String,
                    let spec = item["spec"] as? [String: Any], let node = spec["node"] as? String,
                    let addresses = spec["addresses"] as? [String]
                else { return nil }
                return Pod(host: node, name: name, addresses: addresses)
            }
        }

        private func anyHost() async throws -> String {
            let files = try FileManager.default.contentsOfDirectory(atPath: try lab().manifests.path).sorted()
            for file in files {
                let text = try lab().read(file)
                guard text.contains("kind: Node"),
                    let range = text.range(of: #"name: [a-z0-9-]+"#, options: .regularExpression)
                else { continue }
                return String(text[range].dropFirst("name: ".count))
            }
            throw Program.TimedOut(description: "no Node in the example")
        }

        @Test func everyContainerReachesEveryOtherOverBothFamilies() async throws {
            let lab = try lab()
            let pods = try await pods()
            try #require(pods.count == 6 && pods.allSatisfy { $0.addresses.count == 2 }, "\(pods)")
            for from in pods {
                for to in pods where to.name != from.name {
                    for address in to.addresses {
                        try await lab.reaches(from.host, container: from.name, address)
                    }
                }
            }
        }

        /// The kernel tells nobody of proxy entries.
        @Test func aProxyEntryDeletedByHandIsBackAfterAResync() async throws {
            let lab = try lab()
            try await lab.settled("berlin")
            let entries = ["ip", "-6", "neigh", "show", "proxy"]
            let before = try await lab.exec("berlin", entries).output
            let line = try #require(before.split(separator: "\n").first).split(separator: " ")
            let (address, bridge) = (String(line[0]), String(try #require(line.first { $0.hasPrefix("br-") })))
            try await lab.must("berlin", "ip", "-6", "neigh", "del", "proxy", address, "dev", bridge)
            #expect(try await lab.exec("berlin", entries).output != before)
            try await lab.must("berlin", "wgctl", "resync")
            try await lab.eventually("berlin", entries) {
                Set($0.split(separator: "\n")) == Set(before.split(separator: "\n"))
            }
        }

        @Test func aHandStartedContainerInsideTheSliceIsReached() async throws {
            let lab = try lab()
            let pods = try await pods()
            // Podman itself picks the address: its lease range is the slice of the node.
            try await lab.background(
                "berlin", "podman run -d --name by-hand --network sites \(Laboratory.image) sleep 600")
            try await lab.eventually("berlin", ["podman", "inspect", "-f", "{{.State.Status}}", "by-hand"]) {
                $0.contains("running")
            }
            let address = try await lab.must(
                "berlin", "podman", "inspect", "-f", "{{.NetworkSettings.Networks.sites.IPAddress}}", "by-hand"
            ).trimmingCharacters(in: .whitespacesAndNewlines)
            let last = try #require(address.split(separator: ".").last.flatMap { Int($0) })
            #expect(address.hasPrefix("10.20.0.") && (192...255).contains(last), "\(address)")
            for from in pods { try await lab.reaches(from.host, container: from.name, address) }
            for to in pods {
                try await lab.reaches("berlin", container: "by-hand", try #require(to.addresses.first))
            }
            // It is nobody's but the operator's: a resync leaves it alone.
            try await lab.must("berlin", "wgctl", "resync")
            try await Task.sleep(for: .seconds(1))
            try await lab.reaches("lisbon", container: "api", address)
            try await lab.must("berlin", "podman", "rm", "-f", "-t", "0", "by-hand")
        }

        @Test func aMovedContainerKeepsBothAddressesAndIsReachedAgain() async throws {
            let lab = try lab()
            let pods = try await pods()
            let moved = try #require(pods.first)
            let other = try #require(pods.first { $0.host != moved.host })
            // Everybody has talked to it, so everybody's neighbour tables hold its old home.
            for from in pods where from.name != moved.name {
                for address in moved.addresses { try await lab.reaches(from.host, container: from.name, address) }
            }
            let (source, target) = try await files(of: moved.host, other.host)
            let text = try lab.read(source)
            let entry = try #require(Self.entry(of: moved.name, in: text))
            let targetText = try lab.read(target)
            try lab.save(source, text.replacingOccurrences(of: entry, with: ""))
            try lab.save(target, targetText + entry)
            try await lab.eventually(other.host, ["podman", "inspect", "-f", "{{.State.Status}}", moved.name]) {
                $0.contains("running")
            }
            // Its old neighbours still have its old MAC; one packet, one second: only an announcement makes that work.
            for address in moved.addresses {
                let family = address.contains(":") ? "-6" : "-4"
                try await lab.eventually(moved.host, ["ip", family, "route", "get", address]) {
                    $0.contains("dev wg0")
                }
            }
            for from in pods.sorted(by: { ($0.host == moved.host ? 0 : 1) < ($1.host == moved.host ? 0 : 1) })
            where from.name != moved.name {
                for address in moved.addresses {
                    let ping = try await lab.exec(
                        from.host, ["podman", "exec", from.name, "ping", "-c", "1", "-W", "1", address])
                    #expect(ping.isSuccess, "\(from.name) on \(from.host) does not reach \(address) at once: \(ping)")
                }
            }
            let state = try await lab.must(other.host, "podman", "exec", moved.name, "ip", "addr")
            for pod in pods {
                let host = pod.name == moved.name ? other.host : pod.host
                let state = try await lab.must(host, "podman", "exec", pod.name, "ip", "addr")
                #expect(!state.contains("dadfailed"), "\(pod.name): \(state)")
            }
            for address in moved.addresses { #expect(state.contains(address + "/"), "\(state)") }
        }

        private func files(of hosts: String...) async throws -> (String, String) {
            let names = try FileManager.default.contentsOfDirectory(atPath: try lab().manifests.path).sorted()
            let found = try hosts.map { host in
                try #require(
                    try names.first {
                        try lab().read($0).contains("kind: Node\nmetadata: {name: \(host)") || $0.hasPrefix(host)
                    })
            }
            return (found[0], found[1])
        }

        /// The lines of one list entry under `containers`.
        private static func entry(of name: String, in text: String) -> String? {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            guard let start = lines.firstIndex(where: { $0.contains("- name: \(name)") }) else { return nil }
            let indent = lines[start].prefix { $0 == " " }.count
            let end =
                lines[(start + 1)...].firstIndex { line in
                    !line.isEmpty && line.prefix { $0 == " " }.count <= indent
                } ?? lines.endIndex
            return lines[start..<end].filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
        }
    }
}

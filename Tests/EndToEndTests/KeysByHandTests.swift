import Foundation
import Testing

/// The flow of the README on real hosts: no map of keys, each daemon makes its own, and the manifests carry both.
extension EndToEnd {
    @Suite(.labWithoutDaemons("keys", of: "two-hosts")) struct KeysByHandTests {
        private static let keyFile = "\(Laboratory.stateDirectory)/keys/node.key"
        private static let hosts = ["host-a", "host-b"]

        private func key(_ host: String) async throws -> String {
            try await lab().must(host, "wgctl", "key", "show").trimmingCharacters(in: .whitespacesAndNewlines)
        }

        private func restart(_ host: String) async throws {
            try await lab().stopOwnDaemon(host)
            try await lab().startOwnDaemon(host)
        }

        private func expectUnusable(_ reason: String) async throws {
            let lab = try lab()
            try await lab.eventually("host-a", ["wgctl", "describe", "node", "host-a"]) { text in
                text.contains("KeyUnusable") && text.contains(reason)
            }
            let text = try await lab.must("host-a", "wgctl", "get", "node", "host-a", "-o", "json")
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            let conditions = (object?["status"] as? [String: Any])?["conditions"] as? [[String: Any]]
            let programmed = try #require(conditions?.first { $0["type"] as? String == "Programmed" }, "\(text)")
            #expect(programmed["status"] as? String == "False", "\(text)")
        }

        @Test func aKeyIsMadeOnceAndNeverAgain() async throws {
            let lab = try lab()
            let plain = try Dictionary(uniqueKeysWithValues: Self.hosts.map { ($0, try lab.read("\($0).yaml")) })
            func save(_ host: String, _ key: String) throws {
                let text = try #require(plain[host]).replacingOccurrences(
                    of: "\nspec:\n", with: "\nspec:\n  publicKey: \(key)\n")
                try lab.save("\(host).yaml", text)
            }

            // Made on first start, 0600, and shown.
            var keys: [String: String] = [:]
            for host in Self.hosts {
                try await lab.startOwnDaemon(host)
                try await lab.eventually(host, ["wgctl", "key", "show"])
                keys[host] = try await key(host)
                #expect(try await lab.must(host, "stat", "-c", "%a", Self.keyFile) == "600\n")
                try await lab.eventually(host, ["wgctl", "events"]) { $0.contains("KeyCreated") }
            }
            #expect(Set(keys.values).count == 2)
            try await lab.eventually("host-a", ["wgctl", "describe", "node", "host-b"]) {
                $0.contains("PublicKeyMissing")
            }

            // The cause is named wherever somebody looks, of this host as of the other.
            try await lab.eventually("host-a", ["wgctl", "get", "nodes"]) {
                $0.components(separatedBy: "PublicKeyMissing").count == 3
            }
            for command in ["check", "ping"] {
                let check = try await lab.exec("host-a", ["wgctl", command, "host-b"])
                #expect(check.status == 1 && check.output.contains("   PublicKeyMissing\n"), "\(check)")
                #expect(check.output.contains("PublicKeyMissing: no other host can have this one"), "\(check)")
            }

            // Both keys into the YAML; nothing is restarted.
            for host in Self.hosts { try save(host, try #require(keys[host])) }
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
            try await lab.reaches("host-b", container: "pod-b", "10.0.0.10")
            try await lab.eventually("host-a", ["wgctl", "get", "nodes"]) { text in
                text.split(separator: "\n").filter { $0.contains("True") }.count == 2
            }
            for host in Self.hosts { #expect(try await key(host) == keys[host]) }

            // Another key in the manifest than the one that is here.
            try save("host-a", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
            try await expectUnusable("is not this host's")
            #expect(try await key("host-a") == keys["host-a"])
            let doctor = try await lab.exec("host-a", ["wgctl", "doctor", "--state-dir", Laboratory.stateDirectory])
            let own = try #require(keys["host-a"])
            #expect(doctor.status == 1 && doctor.output.contains("this host's key is \(own)"), "\(doctor)")
            try save("host-a", try #require(keys["host-a"]))
            try await lab.eventually("host-a", ["wgctl", "get", "node", "host-a"]) { $0.contains("True") }
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")

            // The key file is lost: an error, and no new key.
            try await lab.stopOwnDaemon("host-a")
            try await lab.must("host-a", "mv", Self.keyFile, "/run/node.key")
            try await lab.startOwnDaemon("host-a")
            try await expectUnusable("does not exist")
            #expect(try await !lab.exec("host-a", ["test", "-e", Self.keyFile]).isSuccess, "a key was made again")
            #expect(try await !lab.exec("host-a", ["wgctl", "key", "show"]).isSuccess)

            // Restored.
            try await lab.must("host-a", "mv", "/run/node.key", Self.keyFile)
            try await restart("host-a")
            try await lab.eventually("host-a", ["wgctl", "get", "node", "host-a"]) { $0.contains("True") }
            #expect(try await key("host-a") == keys["host-a"])
            try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
        }
    }
}

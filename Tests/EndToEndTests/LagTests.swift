import Foundation
import TestSupport
import Testing

/// A host that receives edits late, in the lab of the edits.
extension EndToEnd.EditTests {
    @Test func aLateHostReceivesEachEditInItsTurn() async throws {
        let lab = try lab()
        try await lab.reaches("host-a", container: "pod-a", "10.0.0.20")
        let original = try lab.read("host-b.yaml")
        defer { try? lab.save("host-b.yaml", original) }
        // The port that it has anyway, and back: two edits that change nothing but the generation.
        let edited = original.replacingOccurrences(
            of: "endpoint: 192.168.1.20 ", with: "endpoint: \"192.168.1.20:51820\" ")
        try #require(edited != original)
        let prompt = try await generation("host-a")
        let late = try await generation("host-b")

        let began = ContinuousClock.now
        let revision = try newestRevision()
        try lab.save("host-b.yaml", edited)
        try await reaches("host-a", generation: prompt + 1)
        let status = try await Program.run([BuildProducts.wgctl, "lab", "status", "--name", lab.name])
        #expect(status.output.contains("  2s"), "\(status)")
        // What waits survives the process that is to deliver it.
        let deadline = began + .seconds(60)
        while try newestRevision() == revision {
            try #require(ContinuousClock.now < deadline, "the edit is not kept for the late host")
            try await Task.sleep(for: .milliseconds(20))
        }
        try await lab.shell(
            "host-b",
            """
            for process in /proc/[0-9]*; do
                if tr '\\0' ' ' < $process/cmdline 2> /dev/null | grep -q 'wgctl lab[ ]deliver'; then
                    kill -9 ${process#/proc/}; exit 0
                fi
            done
            exit 1
            """)
        try lab.save("host-b.yaml", original)
        try await reaches("host-a", generation: prompt + 2)

        // Had the late host missed the edit between, its generation would be what it was.
        try await reaches("host-b", generation: late + 2)
        #expect(ContinuousClock.now - began >= .seconds(2))

        // A file that is renamed is gone under its old name there too.
        let (old, new) = (
            lab.manifests.appendingPathComponent("host-b.yaml").path, "\(lab.manifests.path)/renamed.yaml"
        )
        try FileManager.default.moveItem(atPath: old, toPath: new)
        try await source("host-b", file: "renamed.yaml")
        try FileManager.default.moveItem(atPath: new, toPath: old)
        try await source("host-b", file: "host-b.yaml")
        #expect(try await generation("host-b") == late + 2)
    }

    /// The number of the last edit that is kept for the late host.
    private func newestRevision() throws -> Int {
        let folder = try lab().policy.deletingLastPathComponent().appending(path: "hosts/host-b/manifests/revisions")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try #require(names.compactMap { $0.split(separator: "-").first.flatMap { Int($0) } }.max())
    }

    /// How often the spec of Node host-b has changed, as a host counts.
    private func generation(_ host: String) async throws -> Int {
        let text = try await lab().must(host, "wgctl", "get", "node", "host-b", "-o", "json")
        let node = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let metadata = node?["metadata"] as? [String: Any]
        return try #require(metadata?["generation"] as? Int, "\(text)")
    }

    private func reaches(_ host: String, generation wanted: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await generation(host) != wanted {
            try #require(ContinuousClock.now < deadline, "\(host) does not reach generation \(wanted)")
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func source(_ host: String, file: String) async throws {
        try await lab().eventually(host, ["wgctl", "get", "node", "host-b", "-o", "json"]) {
            $0.contains("\"\(file):")
        }
    }
}

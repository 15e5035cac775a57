import Foundation
import TestSupport
import Testing

@testable import Lab

/// A lab whose manifests change while it is up, and that is taken down from elsewhere.
@Suite(.serialized) struct GrowthTests {
    private func node(_ name: String, _ spec: String) -> String {
        "apiVersion: wgctl.dev/v1alpha1\nkind: Node\nmetadata: {name: \(name)}\nspec: {\(spec)}\n"
    }

    @Test func `a link is followed when it is switched, and a Node that is added gets its host`() async throws {
        try await withLab { lab in
            try lab.writeManifests(to: "\(lab.root)/1")
            try lab.writeManifests(to: "\(lab.root)/2")
            try node("c", "endpoint: c.example.net, overlays: [{name: o, addresses: [10.0.0.3]}]").write(
                toFile: "\(lab.root)/2/c.yaml", atomically: true, encoding: .utf8)
            let link = "\(lab.root)/manifests"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "1")
            let before = try await LabManifests(directory: link)
            #expect(before.nodes.map(\.name) == ["a", "b"])
            try await lab.start(nodes: before.nodes, startsDaemon: true)

            try FileManager.default.createSymbolicLink(atPath: "\(lab.root)/next", withDestinationPath: "2")
            try #require(rename("\(lab.root)/next", link) == 0)
            try await waitUntil("c has a host", seconds: 60) { try lab.lab.hosts().map(\.name) == ["a", "b", "c"] }
            // With the others' names, keys and paths: the daemons that ran before have the new host as a peer.
            for host in ["a", "b", "c"] {
                try await waitUntil("\(host) reaches all", seconds: 60) {
                    let text = (try? lab.run(["wgctl", "get", "nodes"], on: host)) ?? ""
                    return text.split(separator: "\n").filter { $0.contains(" True ") }.count == 3
                }
            }
            let accepted = try lab.run(["wgctl", "describe", "node", "c"], on: "a")
            #expect(!accepted.contains("PublicKeyMissing") && accepted.contains("from --peer-keys"), "\(accepted)")
            let settings = try lab.run(["cat", "/etc/default/wgd"], on: "c")
            #expect(settings.contains("WGD_NODE=c\n") && settings.contains("WGD_MANIFESTS=\"\(link)\"\n"))

            // One that cannot have a host is named with the reason.
            try node("d", "endpoint: c.example.net, overlays: [{name: o, addresses: [10.0.0.4]}]").write(
                toFile: "\(lab.root)/2/d.yaml", atomically: true, encoding: .utf8)
            try await waitUntil("d is refused", seconds: 60) { try lab.lab.refusals()["d"] != nil }
            #expect(try lab.lab.refusals()["d"]?.contains("nodes c and d share the endpoint c.example.net") == true)
            #expect(try lab.lab.hosts().map(\.name) == ["a", "b", "c"])
        }
    }

    @Test func `a lab of another mount namespace is taken down with its processes`() async throws {
        try await withLab { lab in
            let manifests = "\(lab.root)/manifests"
            try lab.writeManifests(to: manifests)
            try Command([
                "unshare", "--mount", "--propagation", "private", "env", "WGCTL_LAB_DIR=\(lab.root)",
                BuildProducts.wgctl, "lab", "up", manifests, "--no-wgd", "--name", lab.lab.name,
            ]).run()
            #expect(LabProcesses.namespaces(files: [lab.lab.folder.namespace("a")], in: lab.lab.folder).isEmpty)
            let follower = lab.lab.folder.followerRecord
            try await waitUntil("it follows", seconds: 20) { LabProcesses.recorded(at: follower) != nil }
            let pids = try lab.lab.hosts().compactMap(\.pid) + [try #require(LabProcesses.recorded(at: follower)?.pid)]
            #expect(pids.count == 3)
            try await lab.lab.down()
            #expect(pids.allSatisfy { LabProcesses.identity(ofProcess: $0) == nil })
        }
    }
}

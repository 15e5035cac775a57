import ControlAPI
import Foundation
import Glibc
import Manifest
import NetAddress
import Resources
import TestSupport
import Testing

@testable import Commands

/// The built `wgctl import` on the fixtures of ImportTests: what it prints where, what it writes, and its exit codes.
struct ImportProgramTests {
    private let directory = temporaryPath("import")
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let fixtures = tests.appendingPathComponent("ImportTests/Golden")
    private static let manifests = tests.deletingLastPathComponent().appendingPathComponent("manifests").path

    static func names(_ source: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: fixtures.appendingPathComponent(source).path)) ?? [])
            .sorted()
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: fixtures.appendingPathComponent(path), encoding: .utf8)
    }

    /// Imports and compares; what is printed is what `wgctl validate` takes, unless the fixture says otherwise.
    private func expectFixture(_ path: String, _ result: ProgramResult, prefix: String = "") async throws {
        #expect(result.output == (try Self.text(path + "/manifests.yaml")))
        let report = try Self.text(path + "/report.txt")
        #expect(result.error == report.replacing("fleet/", with: prefix))
        #expect(result.status == (report.isEmpty ? 0 : 1))
        let verdict = try await runWgctl(["validate", "-"], input: result.output)
        #expect(verdict.status == (path.hasSuffix("/refused") ? 1 : 0), "\(verdict)")
    }

    @Test(arguments: names("wg-quick")) func wgQuick(_ name: String) async throws {
        let folder = Self.fixtures.appendingPathComponent("wg-quick/\(name)").path
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".conf") }
            .sorted()
        try await expectFixture("wg-quick/\(name)", try await runWgctl(["import", "wg-quick"] + files, in: folder))
    }

    @Test(arguments: names("ansible")) func ansible(_ name: String) async throws {
        let folder = Self.fixtures.appendingPathComponent("ansible/\(name)").path
        try await expectFixture("ansible/\(name)", try await runWgctl(["import", "ansible", "."], in: folder))
        try await expectFixture(
            "ansible/\(name)", try await runWgctl(["import", "ansible", folder]), prefix: folder + "/")
    }

    @Test func theExampleOfTheDocumentation() async throws {
        let folder = Self.fixtures.appendingPathComponent("wg-quick/documented").path
        let result = try await runWgctl(["import", "wg-quick", "host-a.conf", "host-b.conf"], in: folder)
        try expectGolden(result.output + result.error, "Golden/import-wg-quick.txt")
    }

    @Test func filesAreWrittenAndNeverOverwrittenUnasked() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let folder = Self.fixtures.appendingPathComponent("wg-quick/two-hosts").path
        let words = [
            "import", "wg-quick", "host-a.conf", "host-b.conf", "--overlay", "office", "--directory", directory,
        ]
        let names = ["overlay-office.yaml", "host-a.yaml", "host-b.yaml"]
        let first = try await runWgctl(words, in: folder)
        #expect(first.status == 0 && first.error.isEmpty, "\(first)")
        #expect(first.output == names.map { "\(directory)/\($0)\n" }.joined())
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == names.sorted())
        #expect(try await runWgctl(["validate", directory]).status == 0)

        // One file in the way, and nothing at all is written.
        try FileManager.default.removeItem(atPath: "\(directory)/host-a.yaml")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(directory)/host-b.yaml"))
        let second = try await runWgctl(words, in: folder)
        #expect(second.status == 2 && second.output.isEmpty)
        #expect(second.error.hasPrefix("error: \(directory)/overlay-office.yaml, \(directory)/host-b.yaml: exists; "))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 2)
        #expect(try String(contentsOfFile: "\(directory)/host-b.yaml", encoding: .utf8) == "mine")
        #expect(try await runWgctl(words + ["--force"], in: folder).status == 0)
        #expect(try await runWgctl(["validate", directory]).status == 0)
    }

    @Test func whatCannotRunSaysWhy() async throws {
        let folder = Self.fixtures.path
        for (words, message) in [
            (["wg-quick", "/nonexistent.conf"], "/nonexistent.conf: No such file or directory"),
            (["wg-quick", "ansible/mawalu/hosts.yml"], "ansible/mawalu/hosts.yml: has no [Interface] section"),
            (["wg-quick", "wg-quick"], "wg-quick: cannot be read: is it a file?"),
            (["ansible", "/nonexistent"], "/nonexistent: No such file or directory"),
            (["ansible", "wg-quick/two-hosts"], "wg-quick/two-hosts/: there is no inventory"),
            (["ansible", "ansible/mawalu", "--group", "nobody"], "\"nobody\": the inventory has no such group"),
            (["ansible", "ansible/mawalu", "--directory", "/proc/nowhere"], "/proc/nowhere: cannot be written"),
        ] {
            let result = try await runWgctl(["import"] + words, in: folder)
            #expect(result.status == 2 && result.output.isEmpty, "\(words) \(result)")
            #expect(result.error.hasPrefix("error: \(message)"), "\(words) \(result)")
        }
        for words in [["wg-quick"], ["ansible"], ["netplan", "x"]] {
            #expect(try await runWgctl(["import"] + words).status == 64)
        }
    }

    /// What `wgctl render wg-quick` writes of every host comes back as the same overlay and nodes. Containers are not in
    /// such files: their IPv4 addresses become routes of one address, and their IPv6 addresses are reported.
    @Test(arguments: ["two-hosts", "three-sites"]) func whatWasRenderedComesBack(_ example: String) async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let manifests = "\(Self.manifests)/\(example)"
        let original = try ManifestInput(paths: [manifests]).accepted().live
        var keys: [String: String] = [:]
        for (index, node) in original.nodes.enumerated() {
            let key = try #require(PublicKey(bytes: [UInt8(index + 1)] + Array(repeating: 7, count: 31)))
            keys[node.metadata.name] = key.description
        }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try JSONEncoder().encode(keys).write(to: URL(fileURLWithPath: directory + "/keys.json"))
        var files: [String] = []
        for name in keys.keys.sorted() {
            try FileManager.default.createDirectory(
                atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
            let rendered = try await runWgctl([
                "render", "wg-quick", manifests, "--node", name, "--peer-keys", directory + "/keys.json", "--directory",
                "\(directory)/\(name)",
            ])
            #expect(rendered.status == 0, "\(rendered)")
            files.append("\(name)/wg0.conf")
        }
        let result = try await runWgctl(["import", "wg-quick"] + files + ["--directory", "imported"], in: directory)
        let imported = try ManifestInput(paths: [directory + "/imported"]).accepted()
        #expect(imported.findings.isEmpty)

        let overlay = try #require(imported.live.overlays.first)
        let expected = try #require(original.overlays.first)
        #expect(imported.live.overlays.count == 1 && overlay.metadata == expected.metadata)
        #expect(overlay.spec.subnets == expected.spec.subnets && overlay.spec.topology == expected.spec.topology)
        #expect(overlay.spec.wireguard.interface == expected.spec.wireguard.interface)
        #expect(overlay.spec.wireguard.listenPort == expected.spec.wireguard.listenPort)
        #expect(overlay.spec.wireguard.persistentKeepalive == expected.spec.wireguard.persistentKeepalive)

        var reported = 0
        #expect(imported.live.nodes.map(\.metadata.name) == original.nodes.map(\.metadata.name))
        for (node, before) in zip(imported.live.nodes, original.nodes) {
            var wanted = before.spec
            let addresses = wanted.containers.flatMap(\.networks).flatMap(\.addresses)
            wanted.overlays[0].routes =
                (wanted.overlays[0].routes
                + addresses.filter { $0.family == .v4 }.map(\.hostCIDR)).sorted()
            wanted.containers = []
            wanted.publicKey = keys[before.metadata.name].flatMap { PublicKey($0) }
            #expect(node.spec == wanted)
            for address in addresses where address.family == .v6 {
                reported += 1
                #expect(result.error.contains("\(address)/128 is a further IPv6 address"))
            }
        }
        #expect(result.error.split(separator: "\n").count == reported && result.status == (reported == 0 ? 0 : 1))
    }
}

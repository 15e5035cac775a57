import Foundation
import Manifest
import TestSupport
import Testing

private let suiteDirectory = ProcessInfo.processInfo.environment["WGCTL_YAML_SUITE"]

/// The official YAML test suite (github.com/yaml/yaml-test-suite, branch `data`), which is not part of this repository:
/// `make yaml-suite` brings it and names it in `WGCTL_YAML_SUITE`; `make test` leaves it out.
@Suite struct YAMLSuiteTests {
    /// `229Q/in.yaml`, sorted; some cases have parts of their own below.
    private func cases() throws -> [URL] {
        let root = URL(filePath: try #require(suiteDirectory, "run `make yaml-suite`"))
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL }
        // Whoever groups the cases (`name/`, `tags/`) links to them: each is taken once.
        return (files ?? []).filter { $0.lastPathComponent == "in.yaml" }.sorted { $0.path < $1.path }
    }

    @Test func validateNeverCrashesOrHangs() throws {
        let cases = try cases()
        #expect(cases.count > 300)
        for file in cases {
            let (status, output) = try validate(file)
            #expect(status == 0 || status == 1, "\(file.path): \(status)")
            // One line a mistake, and each begins with its place.
            for line in output.split(separator: "\n") {
                #expect(line.contains(#/^.*\.yaml:[1-9][0-9]*:[1-9][0-9]*: /#), "\(file.path): \(line)")
            }
        }
    }

    /// What docs/reliability.md says of the suite, counted. YAML alone is judged here: no case is a manifest.
    @Test func whatIsRefusedByDesign() throws {
        var counts: [String: Int] = [:]
        for file in try cases() {
            let isWrong = FileManager.default.fileExists(
                atPath: file.deletingLastPathComponent().appending(path: "error").path)
            counts["\(isWrong ? "wrong" : "right") YAML: \(try verdict(on: file))", default: 0] += 1
        }
        for (verdict, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(count)\t\(verdict)") }
        #expect(counts["right YAML: read", default: 0] > 150)
    }

    private func verdict(on file: URL) throws -> String {
        do throws(ManifestError) {
            let bytes = [UInt8]((try? Data(contentsOf: file)) ?? Data())
            let errors = try ManifestFile(path: "in.yaml", contents: .bytes(bytes)).documents().flatMap(\.errors)
            guard let first = errors.first else { return "read" }
            return first.reason.replacing(#/".*"|[0-9:]+$/#, with: "…")
        } catch {
            return error.reason.hasPrefix("YAML syntax error") ? "syntax error" : error.reason
        }
    }

    private func validate(_ file: URL) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        // 124 is what `timeout` ends with when it had to end the program.
        process.arguments = ["timeout", "20", BuildProducts.wgctl, "validate", file.path]
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationReason == .exit ? process.terminationStatus : 128, text)
    }
}

import Foundation
import Manifest
import NetAddress
import Resources
import Testing

@testable import Import

/// What holds for everything that is imported, on all fixtures.
@Suite struct GoldenTests {
    @Test(arguments: Fixture.all)
    func manifestsAndReport(_ fixture: Fixture) throws {
        let imported = try fixture.run()
        try fixture.expect(imported.stream, in: "manifests.yaml")
        try fixture.expect(reportText(imported), in: "report.txt")
    }

    @Test func thereAreFixturesOfBothSources() {
        #expect(Set(Fixture.all.map(\.source)).count == 2 && Fixture.all.count >= 14)
    }

    /// What `wgctl validate` refuses stands in the report with the same reason and remedy.
    @Test(arguments: Fixture.all)
    func manifestsAreValidOrTheReportSaysWhyNot(_ fixture: Fixture) throws {
        let imported = try fixture.run()
        var acceptor = try Acceptor()
        let files = imported.files.map { ManifestFile(path: $0.name, contents: .bytes(Array($0.text.utf8))) }
        let accepted = acceptor.accept(files, lastGood: [])
        #expect(accepted.acceptances.count == imported.files.count)
        for finding in accepted.findings {
            let resource = try #require(finding.resource)
            let reason = "\(finding.error.path) of \(resource): \(finding.error.reason)"
            #expect(imported.report.contains { $0.reason == reason && $0.remedy == finding.error.remedy }, "\(reason)")
        }
        if fixture.name != "refused" { #expect(accepted.findings.allSatisfy { $0.isWarning }) }
    }

    /// Every word that could be a private or preshared key: base64 of 32 bytes that is no public key of the outcome.
    @Test(arguments: Fixture.all)
    func noSecretIsInAnyOutput(_ fixture: Fixture) throws {
        let output = try fixture.run()
        let text = output.stream + reportText(output) + output.files.map(\.name).joined()
        var secrets = 0
        for line in try fixture.inputs().values.flatMap({ $0.split(whereSeparator: \.isNewline) }) {
            guard line.lowercased().replacing("_", with: "").contains(/privatekey|presharedkey/) else { continue }
            for word in line.split(whereSeparator: { " '\"=:{}".contains($0) }) where word.utf8.count >= 38 {
                secrets += 1
                #expect(!text.contains(word) && !text.contains(word.prefix(20)))
            }
        }
        let names: Set = ["yaml-in-folder", "mawalu"]
        #expect(secrets > 0 || names.contains(fixture.name))
    }

    @Test(arguments: Fixture.all)
    func theSameInputGivesTheSameBytes(_ fixture: Fixture) throws {
        let first = try fixture.run()
        for _ in 0..<5 { #expect(try fixture.run() == first) }
    }

    /// Cut short or with a byte changed anywhere, an input is translated or refused, and what comes out is accounted for.
    @Test(arguments: Fixture.all)
    func damagedInputNeverCrashes(_ fixture: Fixture) throws {
        let inputs = try fixture.inputs()
        var random = SplitMix64(state: fixture.name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        for _ in 0..<20 {
            guard let path = inputs.keys.sorted().randomElement(using: &random),
                var bytes = inputs[path].map({ Array($0.utf8) }),
                let index = bytes.indices.randomElement(using: &random)
            else { continue }
            if Bool.random(using: &random) {
                bytes.removeSubrange(index...)
            } else {
                bytes[index] = "[]{}:=#,/\"'\n 0\u{0}".utf8.randomElement(using: &random) ?? 0
            }
            var damaged = inputs
            damaged[path] = String(decoding: bytes, as: UTF8.self)
            _ = try? fixture.run(damaged)
        }
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

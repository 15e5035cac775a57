import Foundation
import TestSupport
import Testing

@testable import WireGuard

/// `systemd-analyze security` of every unit, with a limit: no change may open a sandbox unnoticed.
@Suite struct UnitSecurityTests {
    private static let packaging = Repository.root.appending(path: "packaging")

    /// The exposure in tenths, 0 to 100, as the program's threshold counts.
    private func exposure(_ unit: URL) throws -> Int {
        let report = try shell("systemd-analyze security --offline=true --no-pager '\(unit.path)' 2>&1")
        let line = try #require(
            report.split(separator: "\n").last { $0.contains("Overall exposure level") }, "\(report)")
        let number = try #require(line.firstMatch(of: #/: ([0-9]+)\.([0-9])/#), "\(line)")
        return try #require(Int(String(number.1) + String(number.2)))
    }

    /// What is left is said in the units: this host's network, root, and what each must write.
    @Test(arguments: [("wgd.service", 33), ("wgctl-pull.service", 21)])
    func exposureIsWithinItsLimit(_ unit: String, _ limit: Int) throws {
        let found = try exposure(Self.packaging.appending(path: unit))
        #expect(found <= limit, "systemd-analyze security packaging/\(unit) says what has been opened")
    }

    @Test func everyUnitHasALimit() throws {
        let units = try FileManager.default.contentsOfDirectory(atPath: Self.packaging.path)
        #expect(units.filter { $0.hasSuffix(".service") }.sorted() == ["wgctl-pull.service", "wgd.service"])
    }

    /// The transient unit, as a file of the same properties.
    @Test func wireguardGoIsWithinItsLimitAndItsPropertiesAreKnown() throws {
        let directory = URL(filePath: temporaryPath("unit"))
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let unit = directory.appending(path: "wgctl-wireguard-go.service")
        let text = (["[Service]", "Type=forking", "ExecStart=/bin/true wg0"] + WireGuardGoSandbox.properties)
            .joined(separator: "\n")
        try Data((text + "\n").utf8).write(to: unit)
        #expect(try exposure(unit) <= 23)
        // A word that systemd does not know is a warning in a file, and keeps a transient unit from starting.
        #expect(try shell("systemd-analyze verify '\(unit.path)' 2>&1").isEmpty)
    }
}

import Foundation
import ManifestWatch
import Testing

@testable import Daemon

@Suite struct SourceTrustTests {
    /// A directory that the previous release accepted is a warning, until it was in order once; a fresh host asks at once.
    @Test func anUpgradedHostIsWarnedUntilItsDirectoryWasInOrder() throws {
        let state = NSTemporaryDirectory() + "wgd-trust-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: state) }
        var options = DaemonOptions(node: "host-a", stateDirectory: state)
        #expect(SourceTrust(options).trust(isUpgraded: false) == .strict)
        #expect(SourceTrust(options).trust(isUpgraded: true) == .strictOnceSecure)
        SourceTrust(options).noteSecure()
        #expect(SourceTrust(options).trust(isUpgraded: true) == .strict)
        options.trustsManifestWriters = true
        #expect(SourceTrust(options).trust(isUpgraded: false) == .warning)
    }
}

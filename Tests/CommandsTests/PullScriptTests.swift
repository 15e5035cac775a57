import Foundation
import Glibc
import Testing

/// `packaging/wgctl-pull` against real repositories: a revision arrives whole or not at all.
@Suite struct PullScriptTests {
    private let directory = NSTemporaryDirectory() + "wgctl-pull-\(getpid())-\(UUID().uuidString.prefix(8))"
    private var repository: String { directory + "/fleet" }
    private var link: String { directory + "/etc/manifests" }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func pull(_ more: [String: String] = [:]) throws -> ProgramResult {
        let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
        let settings = [
            "WGCTL_PULL_URL": repository, "WGCTL_PULL_SUBDIR": "manifests", "WGCTL_PULL_MANIFESTS": link,
            "WGCTL_PULL_DIR": directory + "/lib", "PATH": "\(products):/usr/bin:/bin",
        ]
        return try runProgram(
            Self.root.appending(path: "packaging/wgctl-pull").path, [],
            environment: settings.merging(more) { _, new in new })
    }

    private func git(_ arguments: String...) throws {
        let identity = ["-c", "user.name=Ops", "-c", "user.email=ops@example.org", "-c", "gpg.format=ssh"]
        let result = try runProgram(
            "/usr/bin/git", ["-C", repository] + identity + ["-c", "user.signingKey=\(directory)/key"] + arguments)
        try #require(result.status == 0, "git \(arguments): \(result)")
    }

    private func commit(_ file: String, _ text: String, signed: Bool = false) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(repository)/manifests/\(file)"))
        try git("add", "--all")
        try git("commit", "--quiet", "--message", "change", signed ? "--gpg-sign" : "--no-gpg-sign")
    }

    private func overlay(_ subnet: String) -> String {
        """
        apiVersion: wgctl.dev/v1alpha1
        kind: Overlay
        metadata: {name: net}
        spec: {subnets: [\(subnet)]}

        """
    }

    /// What the daemon would read.
    private func inForce() throws -> String { try String(contentsOfFile: link + "/net.yaml", encoding: .utf8) }

    private func withRepository(_ body: () throws -> Void) throws {
        for path in ["\(repository)/manifests", directory + "/etc"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let key = try runProgram("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", directory + "/key"])
        try #require(key.status == 0, "\(key)")
        try git("init", "--quiet", "--initial-branch", "main")
        try commit("net.yaml", overlay("10.0.0.0/24"))
        try body()
    }

    @Test func aRevisionArrivesByOneLinkAndTheOneBeforeIsKept() throws {
        try withRepository {
            #expect(try pull().status == 0)
            #expect(try inForce() == overlay("10.0.0.0/24"))
            let again = try pull()
            #expect(again.status == 0 && again.output.isEmpty, "nothing new is nothing to say")
            for number in 1...3 {
                try commit("net.yaml", overlay("10.\(number).0.0/24"))
                #expect(try pull().status == 0)
                #expect(try inForce() == overlay("10.\(number).0.0/24"))
            }
            let kept = try FileManager.default.contentsOfDirectory(atPath: directory + "/lib/revisions")
            #expect(kept.count == 2, "\(kept)")
        }
    }

    @Test func whatIsRefusedChangesNothingUnlessAsked() throws {
        try withRepository {
            #expect(try pull().status == 0)
            try commit("net.yaml", "kind: Overlay\n")
            let refused = try pull()
            #expect(refused.status == 1 && refused.output.contains("net.yaml:1:1"), "\(refused)")
            #expect(refused.error.contains("nothing changes"))
            #expect(try inForce() == overlay("10.0.0.0/24"))
            #expect(try pull(["WGCTL_PULL_INVALID": "take"]).status == 0)
            #expect(try inForce() == "kind: Overlay\n")
        }
    }

    @Test func onlySignedCommitsAreTakenWhereSignersAreNamed() throws {
        try withRepository {
            let signers = ["WGCTL_PULL_SIGNERS": directory + "/signers"]
            let key = try String(contentsOfFile: directory + "/key.pub", encoding: .utf8)
            try Data("ops@example.org \(key)".utf8).write(to: URL(fileURLWithPath: directory + "/signers"))
            let unsigned = try pull(signers)
            #expect(unsigned.status == 1 && unsigned.error.contains("has no signature"), "\(unsigned)")
            #expect(!FileManager.default.fileExists(atPath: link))
            try commit("net.yaml", overlay("10.7.0.0/24"), signed: true)
            #expect(try pull(signers).status == 0)
            #expect(try inForce() == overlay("10.7.0.0/24"))
            // Signed, but by nobody who is named.
            try Data("ops@example.org ssh-ed25519 AAAA\n".utf8).write(to: URL(fileURLWithPath: directory + "/signers"))
            try commit("net.yaml", overlay("10.8.0.0/24"), signed: true)
            #expect(try pull(signers).status == 1)
            #expect(try inForce() == overlay("10.7.0.0/24"))
        }
    }

    @Test func manifestsThatNobodyPulledAreNotHidden() throws {
        try withRepository {
            try FileManager.default.createDirectory(atPath: link, withIntermediateDirectories: true)
            try Data(overlay("10.9.0.0/24").utf8).write(to: URL(fileURLWithPath: link + "/net.yaml"))
            let result = try pull()
            #expect(result.status == 1 && result.error.contains("move what is in it away first"), "\(result)")
            #expect(try inForce() == overlay("10.9.0.0/24"))
        }
    }

    @Test func aRepositoryThatIsAwayChangesNothing() throws {
        try withRepository {
            #expect(try pull().status == 0)
            let result = try pull(["WGCTL_PULL_URL": directory + "/nothing"])
            #expect(result.status == 1 && result.error.contains("cannot fetch main"), "\(result)")
            #expect(try inForce() == overlay("10.0.0.0/24"))
        }
    }
}

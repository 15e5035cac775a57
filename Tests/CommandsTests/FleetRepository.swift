import Foundation
import Glibc
import TestSupport
import Testing

/// A Git repository of manifests that `packaging/wgctl-pull` pulls from, with everything in a directory of its own.
struct FleetRepository {
    let directory = temporaryPath("pull")
    var repository: String { directory + "/fleet" }
    var link: String { directory + "/etc/manifests" }

    /// With one commit of one Overlay, and the keys `key` and `other`.
    static func with(_ body: (FleetRepository) throws -> Void) throws {
        let fleet = FleetRepository()
        for path in ["\(fleet.repository)/manifests", fleet.directory + "/etc"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(atPath: fleet.directory) }
        for name in ["key", "other"] {
            let arguments = ["-q", "-t", "ed25519", "-N", "", "-f", "\(fleet.directory)/\(name)"]
            let key = try runProgram("/usr/bin/ssh-keygen", arguments)
            try #require(key.status == 0, "\(key)")
        }
        try fleet.git("init", "--quiet", "--initial-branch", "main")
        try fleet.commit("net.yaml", overlay("10.0.0.0/24"))
        try body(fleet)
    }

    func pull(_ more: [String: String] = [:], _ arguments: String...) throws -> ProgramResult {
        let settings = [
            "WGCTL_PULL_URL": repository, "WGCTL_PULL_SUBDIR": "manifests", "WGCTL_PULL_MANIFESTS": link,
            "WGCTL_PULL_DIR": directory + "/lib", "PATH": "\(BuildProducts.directory):/usr/bin:/bin",
        ]
        return try runProgram(
            Repository.root.appending(path: "packaging/wgctl-pull").path, arguments,
            environment: settings.merging(more) { _, new in new })
    }

    @discardableResult
    func git(_ arguments: String..., environment: [String: String] = [:]) throws -> String {
        let identity = ["-c", "user.name=Ops", "-c", "user.email=ops@example.org", "-c", "gpg.format=ssh"]
        let result = try runProgram(
            "/usr/bin/git", ["-C", repository] + identity + ["-c", "user.signingKey=\(directory)/key"] + arguments,
            environment: ["GNUPGHOME": directory + "/gnupg"].merging(environment) { _, new in new })
        try #require(result.status == 0, "git \(arguments): \(result)")
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// - Parameter date: which the commit says of itself.
    /// - Returns: the commit.
    @discardableResult
    func commit(_ file: String, _ text: String, signed: Bool = false, date: String? = nil) throws -> String {
        try write(text, to: "fleet/manifests/\(file)")
        try git("add", "--all")
        try git(
            "commit", "--quiet", "--message", "change", signed ? "--gpg-sign" : "--no-gpg-sign",
            environment: date.map { ["GIT_COMMITTER_DATE": $0, "GIT_AUTHOR_DATE": $0] } ?? [:])
        return try git("rev-parse", "HEAD")
    }

    /// A file in the directory of the test.
    func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(path)"))
    }

    /// The settings that let the key `key` alone sign.
    ///
    /// - Parameter options: of its line in the file, such as `valid-before="20200101"`.
    func signers(_ options: String = "") throws -> [String: String] {
        let key = try String(contentsOfFile: directory + "/key.pub", encoding: .utf8)
        try write("ops@example.org \(options) \(key)", to: "signers")
        return ["WGCTL_PULL_SIGNERS": directory + "/signers"]
    }

    /// What the daemon would read.
    func inForce(_ file: String = "net.yaml") throws -> String {
        try String(contentsOfFile: "\(link)/\(file)", encoding: .utf8)
    }

    func exists(_ path: String) -> Bool { access("\(directory)/\(path)", F_OK) == 0 }
}

func overlay(_ subnet: String) -> String {
    """
    apiVersion: wgctl.dev/v1alpha1
    kind: Overlay
    metadata: {name: net}
    spec: {subnets: [\(subnet)]}

    """
}

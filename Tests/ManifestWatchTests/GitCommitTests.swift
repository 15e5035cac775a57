import Descriptors
import Foundation
import Testing

@testable import ManifestWatch

/// The commit that `wgctl status` shows, beside what git says.
struct GitCommitTests {
    private func withRepository(_ body: (_ path: String, _ git: (String...) throws -> String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "git-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path + "/site", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        func git(_ words: String...) throws -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
            process.arguments = ["-C", path, "-c", "user.name=t", "-c", "user.email=t@example.org"] + words
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            try process.run()
            let output = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "git \(words)")
            return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        _ = try git("init", "--quiet", "--initial-branch", "main")
        try body(path, git)
    }

    @Test func aCheckoutIsAtItsHead() throws {
        try withRepository { path, git in
            #expect(GitCommit.ofDirectory(path) == nil, "nothing is committed yet")
            for message in ["one", "two"] { _ = try git("commit", "--quiet", "--allow-empty", "-m", message) }
            let head = try git("rev-parse", "HEAD")
            #expect(GitCommit.ofDirectory(path) == head)
            #expect(GitCommit.ofDirectory(path + "/site") == head)
            _ = try git("pack-refs", "--all")
            #expect(GitCommit.ofDirectory(path) == head, "packed")
            _ = try git("checkout", "--quiet", "HEAD~1")
            #expect(GitCommit.ofDirectory(path) == (try git("rev-parse", "HEAD")), "detached")
        }
    }

    @Test func aFurtherWorktreeAndARevisionsDirectory() throws {
        try withRepository { path, git in
            _ = try git("commit", "--quiet", "--allow-empty", "-m", "one")
            let head = try git("rev-parse", "HEAD")
            let tree = path + "/tree"
            _ = try git("worktree", "add", "--quiet", "-b", "other", tree)
            #expect(GitCommit.ofDirectory(tree) == head)
            // As wgctl-pull and git-sync keep them.
            let revision = path + "/revisions/" + String(repeating: "0a", count: 20)
            try FileManager.default.createDirectory(atPath: revision + "/site", withIntermediateDirectories: true)
            let link = path + "/current"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: revision + "/site")
            #expect(GitCommit.ofDirectory(link) == String(repeating: "0a", count: 20))
            #expect(GitCommit.ofDirectory(path + "/missing") == nil)
        }
    }
}

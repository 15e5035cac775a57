import Foundation
import Glibc
import TestSupport
import Testing

/// `packaging/wgctl-pull` against who may write the repository and not rule the hosts.
@Suite struct PullTrustTests {
    /// `git verify-commit` by itself takes every key of root's keyring, for whatever that is there.
    @Test func aSignatureOfAKeyInRootsKeyringDoesNotCount() throws {
        try FleetRepository.with { fleet in
            let home = ["GNUPGHOME": fleet.directory + "/gnupg"]
            try FileManager.default.createDirectory(
                atPath: fleet.directory + "/gnupg", withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
            defer { _ = try? runProgram("/usr/bin/gpgconf", ["--kill", "all"], environment: home) }
            let made = try runProgram(
                "/usr/bin/gpg", ["--batch", "--quick-gen-key", "--passphrase", "", "ops@example.org", "ed25519"],
                environment: home)
            try #require(made.status == 0, "\(made)")
            try fleet.write(overlay("10.6.6.0/24"), to: "fleet/manifests/net.yaml")
            try fleet.git(
                "-c", "gpg.format=openpgp", "-c", "user.signingKey=ops@example.org", "commit", "--quiet", "--all",
                "--gpg-sign", "--message", "mine")
            try fleet.git("verify-commit", "HEAD")
            let result = try fleet.pull(try fleet.signers().merging(home) { _, new in new })
            #expect(
                result.status == 1 && result.error.contains("signature of another kind (PGP SIGNATURE)"), "\(result)")
            #expect(!fleet.exists("etc/manifests"))
        }
    }

    /// Also when its owner says that the commit is older than that: git asks whether it was valid then.
    @Test func aKeyThatHasExpiredOrIsRevokedDoesNotCount() throws {
        try FleetRepository.with { fleet in
            try fleet.commit("net.yaml", overlay("10.1.0.0/24"), signed: true, date: "2019-01-01T00:00:00Z")
            let expired = try fleet.pull(try fleet.signers("valid-before=\"20200101\""))
            #expect(expired.status == 1 && expired.error.contains("key has expired"), "\(expired)")
            let early = try fleet.pull(try fleet.signers("valid-after=\"29990101\""))
            #expect(early.status == 1 && early.error.contains("not yet valid"), "\(early)")
            let revoked = ["WGCTL_PULL_REVOKED": fleet.directory + "/key.pub"]
            let result = try fleet.pull(try fleet.signers().merging(revoked) { _, new in new })
            #expect(result.status == 1 && result.error.contains("is signed by a key that"), "\(result)")
            #expect(!fleet.exists("etc/manifests"))
            let missing = ["WGCTL_PULL_REVOKED": fleet.directory + "/none"]
            #expect(try fleet.pull(try fleet.signers().merging(missing) { _, new in new }).status == 1)
            let other = ["WGCTL_PULL_REVOKED": fleet.directory + "/other.pub"]
            let good = try fleet.pull(try fleet.signers().merging(other) { _, new in new })
            #expect(good.status == 0, "\(good)")
        }
    }

    @Test func whoeverIsJudgedCannotWriteWhoIsTrusted() throws {
        try FleetRepository.with { fleet in
            let key = try String(contentsOfFile: fleet.directory + "/key.pub", encoding: .utf8)
            try fleet.commit("signers.txt", "ops@example.org \(key)", signed: true)
            #expect(try fleet.pull().status == 0)
            try fleet.commit("net.yaml", overlay("10.1.0.0/24"), signed: true)
            let inside = try fleet.pull(["WGCTL_PULL_SIGNERS": fleet.link + "/signers.txt"])
            #expect(inside.status == 1 && inside.error.contains("keep it elsewhere"), "\(inside)")
            let signers = try fleet.signers()
            try #require(chmod(fleet.directory + "/signers", 0o666) == 0)
            let writable = try fleet.pull(signers)
            #expect(writable.status == 1 && writable.error.contains("chmod go-w it"), "\(writable)")
            try #require(chmod(fleet.directory + "/signers", 0o644) == 0)
            #expect(try fleet.pull(signers).status == 0)
        }
    }

    @Test func anOlderOrUnrelatedCommitIsTakenOnlyOnceAndOnDemand() throws {
        try FleetRepository.with { fleet in
            let signers = try fleet.signers()
            let old = try fleet.commit("net.yaml", overlay("10.1.0.0/24"), signed: true)
            #expect(try fleet.pull(signers).status == 0)
            try fleet.commit("net.yaml", overlay("10.2.0.0/24"), signed: true)
            #expect(try fleet.pull(signers).status == 0)
            // A replay of what was signed before, the history rewritten, a history of its own.
            try fleet.git("reset", "--quiet", "--hard", old)
            let replayed = try fleet.pull(signers)
            #expect(
                replayed.status == 1 && replayed.error.contains("commit \(old) does not descend from"), "\(replayed)")
            try fleet.commit("net.yaml", overlay("10.3.0.0/24"), signed: true)
            #expect(try fleet.pull(signers).status == 1)
            try fleet.git("checkout", "--quiet", "--orphan", "other")
            try fleet.commit("net.yaml", overlay("10.4.0.0/24"), signed: true)
            try fleet.git("branch", "--force", "main")
            #expect(try fleet.pull(signers).status == 1)
            // Neither a repository that was removed nor a link that was turned back forgets what is in force.
            try FileManager.default.removeItem(atPath: fleet.directory + "/lib/repository")
            #expect(try fleet.pull(signers).status == 1)
            #expect(try fleet.inForce() == overlay("10.2.0.0/24"))

            try fleet.git("branch", "--force", "main", old)
            let forced = try fleet.pull(signers, "--allow-rewind")
            #expect(forced.status == 0 && forced.output.contains("--allow-rewind: commit \(old) does not"), "\(forced)")
            #expect(try fleet.inForce() == overlay("10.1.0.0/24"))
            // From there on as before; a branch that left before and is merged now is the history's part.
            try fleet.git("checkout", "--quiet", "-B", "side", "\(old)^")
            try fleet.commit("b.txt", "b", signed: true)
            try fleet.git("checkout", "--quiet", "main")
            try fleet.git("merge", "--quiet", "--gpg-sign", "--no-edit", "side")
            #expect(try fleet.pull(signers).status == 0)
            #expect(try fleet.inForce("b.txt") == "b")
        }
    }

    /// What a commit names must not run, and what was signed is what arrives.
    @Test func whatArrivesIsWhatWasSignedAndNothingOfItRuns() throws {
        try FleetRepository.with { fleet in
            let trace = fleet.directory + "/ran"
            try fleet.write("[filter \"evil\"]\n\tsmudge = touch \(trace); cat\n", to: "gitconfig")
            try fleet.write(
                "* filter=evil export-subst text eol=crlf ident\nnet.yaml export-ignore\n", to: "fleet/.gitattributes")
            let text = overlay("10.1.0.0/24") + "# $Format:%H$ $Id$\n"
            try fleet.commit("net.yaml", text)
            #expect(try fleet.pull().status == 0)
            // A hook and a setting of the local repository, whoever put them there.
            for hook in ["post-index-change", "reference-transaction"] {
                let path = fleet.directory + "/lib/repository/hooks/\(hook)"
                try FileManager.default.createDirectory(
                    atPath: fleet.directory + "/lib/repository/hooks", withIntermediateDirectories: true)
                try Data("#!/bin/sh\ntouch \(trace)\n".utf8).write(to: URL(fileURLWithPath: path))
                try #require(chmod(path, 0o755) == 0)
            }
            try fleet.write(
                "[core]\n\tbare = true\n\tfsmonitor = touch \(trace)\n\tsshCommand = touch \(trace)\n",
                to: "lib/repository/config")
            let next = try fleet.commit("net.yaml", "# again\n" + text)
            #expect(try fleet.pull(["GIT_CONFIG_GLOBAL": fleet.directory + "/gitconfig"]).status == 0)
            #expect(try fleet.inForce() == "# again\n" + text, "\(next)")
            #expect(!fleet.exists("ran"))
        }
    }

    @Test func theSubdirectoryStaysInTheRevision() throws {
        try FleetRepository.with { fleet in
            for path in ["../fleet/manifests", "/etc", "manifests/../../x", ".."] {
                let result = try fleet.pull(["WGCTL_PULL_SUBDIR": path])
                #expect(
                    result.status == 1 && result.error.contains("leads out of the repository"), "\(path): \(result)")
            }
            try fleet.git("config", "core.symlinks", "true")
            try #require(symlink(fleet.repository + "/manifests", fleet.repository + "/away") == 0)
            try #require(symlink("manifests", fleet.repository + "/here") == 0)
            try fleet.commit("net.yaml", overlay("10.1.0.0/24"))
            let away = try fleet.pull(["WGCTL_PULL_SUBDIR": "away"])
            #expect(away.status == 1 && away.error.contains("has a symbolic link on the way to away"), "\(away)")
            #expect(!fleet.exists("etc/manifests"))
            #expect(try fleet.pull(["WGCTL_PULL_SUBDIR": "here/"]).status == 0)
            #expect(try fleet.inForce() == overlay("10.1.0.0/24"))
        }
    }

    @Test func aTagInPlaceOfTheBranchIsRefused() throws {
        try FleetRepository.with { fleet in
            try fleet.commit("net.yaml", overlay("10.1.0.0/24"), signed: true)
            try fleet.git("tag", "--sign", "--message", "release", "v1")
            let tag = try fleet.git("rev-parse", "refs/tags/v1")
            try fleet.write(tag + "\n", to: "fleet/.git/refs/heads/main")
            let result = try fleet.pull(try fleet.signers())
            #expect(result.status == 1 && result.error.contains("is not a commit"), "\(result)")
        }
    }
}

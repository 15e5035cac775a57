import Foundation
import TestSupport
import Testing

/// `packaging/wgctl-pull` against real repositories: a revision arrives whole or not at all.
@Suite struct PullScriptTests {
    @Test func aRevisionArrivesByOneLinkAndTheOneBeforeIsKept() throws {
        try FleetRepository.with { fleet in
            #expect(try fleet.pull().status == 0)
            #expect(try fleet.inForce() == overlay("10.0.0.0/24"))
            let again = try fleet.pull()
            #expect(again.status == 0 && again.output.isEmpty, "nothing new is nothing to say")
            for number in 1...3 {
                try fleet.commit("net.yaml", overlay("10.\(number).0.0/24"))
                #expect(try fleet.pull().status == 0)
                #expect(try fleet.inForce() == overlay("10.\(number).0.0/24"))
            }
            let kept = try FileManager.default.contentsOfDirectory(atPath: fleet.directory + "/lib/revisions")
            #expect(kept.count == 2, "\(kept)")
        }
    }

    @Test func whatIsRefusedChangesNothingUnlessAsked() throws {
        try FleetRepository.with { fleet in
            #expect(try fleet.pull().status == 0)
            try fleet.commit("net.yaml", "kind: Overlay\n")
            let refused = try fleet.pull()
            #expect(refused.status == 1 && refused.output.contains("net.yaml:1:1"), "\(refused)")
            #expect(refused.error.contains("nothing changes"))
            #expect(try fleet.inForce() == overlay("10.0.0.0/24"))
            #expect(try fleet.pull(["WGCTL_PULL_INVALID": "take"]).status == 0)
            #expect(try fleet.inForce() == "kind: Overlay\n")
        }
    }

    @Test func onlySignedCommitsAreTakenWhereSignersAreNamed() throws {
        try FleetRepository.with { fleet in
            let signers = ["WGCTL_PULL_SIGNERS": fleet.directory + "/signers"]
            let key = try String(contentsOfFile: fleet.directory + "/key.pub", encoding: .utf8)
            try Data("ops@example.org \(key)".utf8).write(to: URL(fileURLWithPath: fleet.directory + "/signers"))
            let unsigned = try fleet.pull(signers)
            #expect(unsigned.status == 1 && unsigned.error.contains("has no signature"), "\(unsigned)")
            #expect(!FileManager.default.fileExists(atPath: fleet.link))
            try fleet.commit("net.yaml", overlay("10.7.0.0/24"), signed: true)
            #expect(try fleet.pull(signers).status == 0)
            #expect(try fleet.inForce() == overlay("10.7.0.0/24"))
            // Signed, but by nobody who is named.
            try Data("ops@example.org ssh-ed25519 AAAA\n".utf8).write(
                to: URL(fileURLWithPath: fleet.directory + "/signers"))
            try fleet.commit("net.yaml", overlay("10.8.0.0/24"), signed: true)
            #expect(try fleet.pull(signers).status == 1)
            #expect(try fleet.inForce() == overlay("10.7.0.0/24"))
        }
    }

    @Test func manifestsThatNobodyPulledAreNotHidden() throws {
        try FleetRepository.with { fleet in
            try FileManager.default.createDirectory(atPath: fleet.link, withIntermediateDirectories: true)
            try Data(overlay("10.9.0.0/24").utf8).write(to: URL(fileURLWithPath: fleet.link + "/net.yaml"))
            let result = try fleet.pull()
            #expect(result.status == 1 && result.error.contains("move what is in it away first"), "\(result)")
            #expect(try fleet.inForce() == overlay("10.9.0.0/24"))
        }
    }

    @Test func aRepositoryThatIsAwayChangesNothing() throws {
        try FleetRepository.with { fleet in
            #expect(try fleet.pull().status == 0)
            let result = try fleet.pull(["WGCTL_PULL_URL": fleet.directory + "/nothing"])
            #expect(result.status == 1 && result.error.contains("cannot fetch main"), "\(result)")
            #expect(try fleet.inForce() == overlay("10.0.0.0/24"))
        }
    }
}

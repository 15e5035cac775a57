import Foundation
import Manifest
import ManifestTrials
import Testing

/// What becomes of valid manifests when somebody, or a disk, changes them at random.
@Suite struct MutationTests {
    private static let total = 10_000

    /// Never a crash, never a deletion by mistake, always a place. `WGCTL_SEED=N` tries other mutations.
    @Test func tenThousandMutationsOfTheExamples() throws {
        let seed = ProcessInfo.processInfo.environment["WGCTL_SEED"].flatMap { UInt64($0) } ?? 1
        print("mutations with WGCTL_SEED=\(seed)")
        let fleets = ["manifests/two-hosts", "manifests/three-sites", "Tests/ManifestTrials/Fleet"]
        var (accepted, deletions, count) = (0, 0, 0)
        for (number, directory) in fleets.enumerated() {
            let fleet = try ExampleFleet.files(directory)
            var trial = try Trial(fleet: fleet)
            let texts = fleet.compactMap { file -> [UInt8]? in
                if case .bytes(let bytes) = file.contents { bytes } else { nil }
            }
            var mutator = Mutator(seed: seed &+ UInt64(number), sources: texts)
            let share = MutationTests.total / fleets.count + (number == 0 ? MutationTests.total % fleets.count : 0)
            for round in 0..<share {
                let victim = round % fleet.count
                let text = mutator.mutate(texts[victim])
                do {
                    let outcome = try trial.replace(fleet[victim].path, with: text, isThorough: round % 20 == 0)
                    accepted += outcome.isAccepted ? 1 : 0
                    deletions += outcome.deletions
                } catch {
                    Issue.record(
                        "\(directory), round \(round), \(fleet[victim].path): \(error)\n\(String(decoding: text, as: UTF8.self))"
                    )
                    return
                }
                count += 1
            }
        }
        #expect(count == MutationTests.total)
        // Otherwise the mutations are all too mild, or all too wild, to show anything.
        #expect(accepted > 200 && accepted < count / 2, "\(accepted) of \(count) were accepted")
        #expect(deletions > 20, "\(deletions) resources were plainly gone")
    }
}

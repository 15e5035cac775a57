import Foundation
import Manifest
import ManifestTrials
import Testing

/// What the fuzzer starts from, and every input that it ever found a fault with, without a fuzzer.
@Suite struct CorpusTests {
    private static let inputs = (try? ExampleFleet.files("Tests/ManifestTrials/Corpus")) ?? []

    @Test(arguments: inputs.map(\.path))
    func everyInputOfTheCorpus(name: String) throws {
        let file = try #require(CorpusTests.inputs.first { $0.path == name })
        guard case .bytes(let bytes) = file.contents else { return }
        var target = try FuzzTarget()
        try target.run(bytes)
    }
}

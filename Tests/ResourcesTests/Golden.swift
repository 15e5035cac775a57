import Foundation
import Testing

/// Compares a text with a golden file beside the tests.
///
/// `WGCTL_UPDATE_GOLDEN=1 swift test --filter ResourcesTests` writes the files anew; read the difference before committing.
func expectGolden(
    _ text: String, _ path: String, below root: String = #filePath, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let url = URL(filePath: root).deletingLastPathComponent().appending(path: path).standardized
    if ProcessInfo.processInfo.environment["WGCTL_UPDATE_GOLDEN"] == "1" {
        try Data(text.utf8).write(to: url)
    }
    let golden = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    #expect(
        text == golden, "\(path) differs: WGCTL_UPDATE_GOLDEN=1 swift test --filter Tests writes it anew",
        sourceLocation: sourceLocation)
}

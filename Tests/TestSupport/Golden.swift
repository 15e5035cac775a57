internal import Foundation
public import Testing

/// Compares a text with a golden file.
///
/// `make golden` writes the files anew (`WGCTL_UPDATE_GOLDEN=1` does for any selection of tests): read the difference
/// before committing it. What a release recorded, and hashes that live on in what it made, are no golden files.
///
/// - Parameters:
///   - path: where the file is, from the folder of the calling source file.
///   - source: the calling source file.
public func expectGolden(
    _ text: String, _ path: String, from source: String = #filePath,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let url = URL(filePath: source).deletingLastPathComponent().appending(path: path).standardized
    if ProcessInfo.processInfo.environment["WGCTL_UPDATE_GOLDEN"] == "1" { try Data(text.utf8).write(to: url) }
    let golden = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    #expect(text == golden, "\(path) differs: `make golden` writes it anew", sourceLocation: sourceLocation)
}

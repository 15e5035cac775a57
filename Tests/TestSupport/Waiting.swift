public import Testing

/// Asks `condition` until it holds.
///
/// - Throws: after `seconds`, having told where the test waits, and for what.
public func waitUntil(
    _ what: String, seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try await !condition() {
        try #require(
            ContinuousClock.now < deadline, "not within \(seconds) s: \(what)", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(10))
    }
}

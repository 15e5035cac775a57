import ManifestWatch
import Testing

/// Everything that a source said, in order.
actor Recorder {
    private(set) var updates: [SourceUpdate] = []
    private var task: Task<Void, Never>?

    func follow(_ source: ManifestSource) {
        let stream = source.updates()
        task = Task { for await update in stream { append(update) } }
    }

    private func append(_ update: SourceUpdate) { updates.append(update) }

    /// Waits until the newest update fulfils `condition`; fails the test after thirty seconds.
    @discardableResult
    func wait(
        _ comment: Comment? = nil, at location: SourceLocation = #_sourceLocation,
        until condition: @Sendable (SourceUpdate) -> Bool
    ) async throws -> SourceUpdate {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if let last = updates.last, condition(last) { return last }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record(
            "\(comment ?? "condition") not met; last: \(String(describing: updates.last))", sourceLocation: location)
        throw CancellationError()
    }

    /// Waits for a snapshot of exactly these files.
    func wait(
        files: [String: String], at location: SourceLocation = #_sourceLocation
    ) async throws {
        try await wait("snapshot \(files)", at: location) { $0.texts == files }
    }
}

extension SourceUpdate {
    /// The readable files of a snapshot; nil when there is none.
    var texts: [String: String]? {
        guard case .snapshot(let files) = self else { return nil }
        return files.reduce(into: [:]) { texts, file in
            if case .bytes(let bytes) = file.contents { texts[file.path] = String(decoding: bytes, as: UTF8.self) }
        }
    }

    /// The reasons of unreadable files.
    var reasons: [String: String] {
        guard case .snapshot(let files) = self else { return [:] }
        return files.reduce(into: [:]) { reasons, file in
            if case .unreadable(let reason) = file.contents { reasons[file.path] = reason }
        }
    }

    var unavailable: String? { if case .unavailable(let reason) = self { reason } else { nil } }
}

/// A watched temporary directory, filled before watching begins.
func withSource(
    quietPeriod: Duration = .milliseconds(20), rescanInterval: Duration = .seconds(30),
    prepare: (TemporaryDirectory) throws -> Void = { _ in },
    _ body: (TemporaryDirectory, ManifestSource, Recorder) async throws -> Void
) async throws {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    try prepare(directory)
    let source = ManifestSource(directory: directory.root, quietPeriod: quietPeriod, rescanInterval: rescanInterval)
    let recorder = Recorder()
    await recorder.follow(source)
    try await body(directory, source, recorder)
}

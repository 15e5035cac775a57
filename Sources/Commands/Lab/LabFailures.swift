internal import Lab

/// Runs a lab command's body and says what it throws as all commands do.
func reportingLabFailure(_ body: () async throws -> Void) async throws {
    try await reportingFailure {
        do { try await body() } catch let error as LabError { throw CommandFailure("\(error)".printableLines) }
    }
}

extension String {
    /// Safe for a terminal, line by line.
    fileprivate var printableLines: String {
        split(separator: "\n").map { String($0).printable }.joined(separator: "\n")
    }
}

import TestSupport

/// Runs the built `wgctl` to its end.
func runWgctl(
    _ arguments: [String], input: String = "", environment: [String: String] = [:], in workingDirectory: String? = nil
) async throws -> ProgramResult {
    try await onThread {
        try runProgram(BuildProducts.wgctl, arguments, input: input, environment: environment, in: workingDirectory)
    }
}

internal import ArgumentParser
internal import ControlAPI
internal import Foundation

/// Runs a command's body and turns what it throws into one `error:` line and an exit code of `ExitStatus`.
///
/// - Parameter status: The code of every failure, for commands whose 1 says something else.
func reportingFailure(_ status: ExitCode? = nil, _ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let failure as CommandFailure {
        for line in failure.message.split(separator: "\n") { Terminal.note("error: \(line)") }
        throw status ?? failure.status
    } catch let error as ControlError {
        Terminal.note("error: \("\(error)".printable)")
        // A daemon that is there, and does not do it for us, is another matter than none.
        throw status ?? (error.isSilence ? ExitStatus.noDaemon : ExitStatus.failure)
    } catch let error as any LocalizedError {
        Terminal.note("error: \(error.localizedDescription.printable)")
        throw status ?? ExitStatus.failure
    }
}

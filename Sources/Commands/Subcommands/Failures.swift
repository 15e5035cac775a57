internal import ArgumentParser
internal import ControlAPI
internal import Foundation

/// Runs a command's body and turns what it throws into one `error:` line and an exit code of `ExitStatus`.
func reportingFailure(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let failure as CommandFailure {
        for line in failure.message.split(separator: "\n") { Terminal.note("error: \(line)") }
        throw failure.status
    } catch let error as ControlError {
        Terminal.note("error: \("\(error)".printable)")
        if case .refused = error { throw ExitStatus.failure }
        throw ExitStatus.noDaemon
    } catch let error as any LocalizedError {
        Terminal.note("error: \(error.localizedDescription.printable)")
        throw ExitStatus.failure
    }
}

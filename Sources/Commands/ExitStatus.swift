internal import ArgumentParser

/// The exit codes of wgctl; 64 (EX_USAGE of sysexits.h) for a wrong command line is ArgumentParser's own.
enum ExitStatus {
    /// Nothing of that name, the daemon refused, or something failed.
    static let failure = ExitCode(1)
    /// No daemon answers, and there is no recorded state, or the command needs the daemon itself.
    static let noDaemon = ExitCode(3)

    /// Of commands whose 1 is an answer (`validate`, `diff`): there is none.
    static let couldNotRun = ExitCode(2)

    static let help = """
        EXIT STATUS:
          0   done
          1   not found, refused, or failed
          3   no daemon answers, and nothing is recorded or the command needs it
          64  wrong command line
        """
}

/// What a command ends with: said on standard error, once.
struct CommandFailure: Error {
    var message: String
    var status: ExitCode

    init(_ message: String, _ status: ExitCode = ExitStatus.failure) {
        self.message = message
        self.status = status
    }
}

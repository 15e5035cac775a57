internal import Descriptors
internal import Glibc

/// Executes another program in place of this process, so that the terminal, signals and exit code are its own.
///
/// - Throws: when the program does not start.
func replaceProcess(with arguments: [String]) throws -> Never {
    var vector: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    vector.append(nil)
    // execve(2) keeps the calling thread's mask, and a thread of a pool has nearly every signal blocked; NIO ignores SIGPIPE.
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    signal(SIGPIPE, SIG_DFL)
    execvp(arguments[0], vector)
    let reason = SystemError.text(of: errno)
    throw CommandFailure("\(arguments[0]) does not start: \(reason)")
}

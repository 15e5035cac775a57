internal import Foundation
internal import Glibc

/// The process's standard output and error.
enum Terminal {
    /// Colour on a terminal only, and not where `NO_COLOR` (no-color.org) or `TERM=dumb` ask for none.
    static var isColoured: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    static func print(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        write(lines.joined(separator: "\n") + "\n", to: STDOUT_FILENO)
    }

    static func print(text: String) { write(text, to: STDOUT_FILENO) }

    /// A remark that must not get into a pipe.
    static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// All of it. A reader that went away (`wgctl get nodes -w | head -1`) ends the program: NIO ignores SIGPIPE.
    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                exit(errno == EPIPE ? 0 : 1)
            }
        }
    }
}

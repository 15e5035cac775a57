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

    /// How far something long is, on a terminal and from a hundred steps on, in one line that is gone at the end.
    static func progress(_ verb: String) -> @Sendable (_ done: Int, _ of: Int) -> Void {
        let isShown = isatty(STDERR_FILENO) == 1
        return { done, total in
            guard isShown, total >= 100, done.isMultiple(of: 10) || done == total else { return }
            write("\r\u{1b}[K" + (done < total ? "\(verb) \(done) of \(total)" : ""), to: STDERR_FILENO)
        }
    }

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

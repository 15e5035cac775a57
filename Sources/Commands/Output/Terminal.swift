internal import Foundation
internal import Glibc

/// The process's standard output and error.
enum Terminal {
    /// Whether the standard output gets colour: on a terminal only.
    static var isColoured: Bool {
        isatty(STDOUT_FILENO) == 1 && allowsColour(ProcessInfo.processInfo.environment)
    }

    /// Not where `TERM=dumb` or `NO_COLOR` ask for none; an empty `NO_COLOR` asks for nothing (https://no-color.org).
    static func allowsColour(_ environment: [String: String]) -> Bool {
        (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    static func print(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        write(lines.joined(separator: "\n") + "\n", to: STDOUT_FILENO)
    }

    static func print(text: String) { write(text, to: STDOUT_FILENO) }

    /// A remark that must not get into a pipe.
    static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// Rows and columns of the terminal that is the standard output; nil when it is none.
    static var size: (rows: Int, columns: Int)? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        return size.ws_row > 0 && size.ws_col > 0 ? (Int(size.ws_row), Int(size.ws_col)) : (24, 80)
    }

    /// Draws over what was drawn before, as much as fits. Each line is cleared behind its text, so nothing flickers.
    static func redraw(_ lines: [String], isFirst: Bool) {
        let size = size ?? (24, 80)
        let shown = lines.prefix(size.rows - 1).map { $0.prefix(size.columns) + "\u{1b}[K\r\n" }
        write((isFirst ? "\u{1b}[2J" : "") + "\u{1b}[H" + shown.joined() + "\u{1b}[J", to: STDOUT_FILENO)
    }

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

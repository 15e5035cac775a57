internal import Descriptors
import Glibc

/// An `errno` value, captured where it happened.
struct Errno: Error, Hashable {
    var code: Int32

    /// The current thread's `errno`.
    static var last: Errno { Errno(code: errno) }

    /// The text of strerror(3), as in "Permission denied".
    var text: String { SystemError.text(of: code) }
}

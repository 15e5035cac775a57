internal import Glibc

/// A system call that failed: what was tried, on what, why, and what to do about it.
public struct SystemError: Error, Hashable, Sendable {
    /// The value of `errno`.
    public var code: Int32
    /// What was tried, in words that read well before the reason: `open /proc/sys/net/ipv4/ip_forward`.
    public var operation: String

    public init(code: Int32, operation: String) {
        self.code = code
        self.operation = operation
    }

    /// What to do about the errors that have a usual cause; nil for the others.
    public var remedy: String? { SystemError.remedy(for: code) }

    /// What to do about an `errno` with a usual cause; nil for the others.
    public static func remedy(for code: Int32) -> String? {
        switch code {
        case EPERM, EACCES: "run as root, or with CAP_NET_ADMIN"
        case EMFILE, ENFILE: "raise the limit on open files (LimitNOFILE= of the unit)"
        case ENOBUFS, ENOMEM: "free memory, or raise net.core.rmem_max"
        case EROFS: "mount the file system writable"
        case ENOSPC: "free space, or raise the limit that the call names"
        default: nil
        }
    }

    /// The C library's text of an `errno`.
    public static func text(of code: Int32) -> String { String(cString: strerror(code)) }
}

extension SystemError: CustomStringConvertible {
    public var description: String {
        "\(operation): \(SystemError.text(of: code)) (errno \(code))" + (remedy.map { "; \($0)" } ?? "")
    }
}

/// Runs a system call until it is not interrupted by a signal, and captures `errno` before anything else runs.
///
/// - Throws: `SystemError` when `call` returns a negative number.
@discardableResult
public func systemCall<Result: SignedInteger>(
    _ operation: @autoclosure () -> String, _ call: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw SystemError(code: code, operation: operation()) }
    }
}

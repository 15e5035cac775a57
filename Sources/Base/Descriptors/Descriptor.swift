internal import CLinux
internal import Glibc

/// An open file descriptor with one owner; closed when the owner lets go of it.
public struct Descriptor: ~Copyable, Sendable {
    /// The number, for system calls that do not keep it.
    public let rawValue: Int32

    /// Takes over an open descriptor, which nobody else may close.
    public init(adopting rawValue: Int32) { self.rawValue = rawValue }

    /// Opens a path with `O_CLOEXEC` added to `flags`.
    ///
    /// - Parameter directory: where a relative path begins; the working directory if nil.
    /// - Throws: `SystemError` naming the path.
    public init(opening path: String, flags: Int32, mode: UInt32 = 0, relativeTo directory: Int32? = nil)
        throws(SystemError)
    {
        rawValue = try systemCall("open \(path)") { clinux_openat(directory ?? AT_FDCWD, path, flags, mode) }
    }

    /// Opens a path below `directory` and never outside of it, through no symbolic link (`RESOLVE_BENEATH`), with
    /// `O_CLOEXEC` added to `flags`.
    ///
    /// - Throws: `SystemError` naming the path: `EXDEV` when it leads out, `ELOOP` when it holds a link.
    public init(opening path: String, beneath directory: Int32, flags: Int32) throws(SystemError) {
        rawValue = try systemCall("open \(path)") { clinux_open_beneath(directory, path, flags) }
    }

    // Linux frees the number even when close(2) reports EINTR, so it is never repeated.
    deinit { Glibc.close(rawValue) }

    /// Gives the number away without closing it.
    public consuming func release() -> Int32 {
        let rawValue = rawValue
        discard self
        return rawValue
    }

    /// Reads once into `buffer`; the number of bytes, 0 at the end.
    ///
    /// - Throws: `SystemError`, `EAGAIN` when nothing is there and the descriptor does not block.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try systemCall("read") { Glibc.read(rawValue, buffer.baseAddress, buffer.count) }
    }

    /// Reads to the end, at most `limit` bytes.
    public func readAll(limit: Int = 1 << 20) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limit {
            let count = try systemCall("read") { Glibc.read(rawValue, &chunk, min(chunk.count, limit - bytes.count)) }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes
    }

    /// Writes all of `bytes`.
    public func writeAll(_ bytes: [UInt8]) throws(SystemError) {
        var start = 0
        while start < bytes.count {
            start += try systemCall("write") {
                bytes[start...].withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
            }
        }
    }
}

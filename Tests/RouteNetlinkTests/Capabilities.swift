import Glibc
import TestSupport

/// What capset(2) changes is the calling thread's alone.
enum Capabilities {
    private typealias Change = @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int32

    /// Takes all effective capabilities from this thread.
    ///
    /// - Throws: `TestFailure`.
    static func drop() throws {
        // glibc has the function, and no header for it. Version 3 of the structures has two words of each set.
        guard let symbol = dlsym(nil, "capset") else { throw TestFailure("glibc has no capset") }
        var header: [UInt32] = [0x2008_0522, 0]
        var sets = [UInt32](repeating: 0, count: 6)
        guard unsafeBitCast(symbol, to: Change.self)(&header, &sets) == 0 else { throw TestFailure("capset: \(errno)") }
    }
}

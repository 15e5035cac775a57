internal import Descriptors
internal import Glibc

/// Kernel settings below `/proc/sys`, as the calling thread's network namespace has them.
final class Sysctls {
    private let root: Descriptor

    init() throws(SystemError) {
        root = try Descriptor(opening: "/proc/sys", flags: O_RDONLY | O_DIRECTORY)
    }

    /// The value without surrounding white space; nil when the key does not exist.
    func value(of key: String) throws(RouteNetlinkError) -> String? {
        try check(key)
        do throws(SystemError) {
            let file = try Descriptor(opening: key, beneath: root.rawValue, flags: O_RDONLY)
            return Sysctls.trimmed(try file.readAll(limit: 65_536))
        } catch {
            if error.code == ENOENT { return nil }
            throw .sysctl(SystemError(code: error.code, operation: "read sysctl \(key)"))
        }
    }

    /// - Returns: false when the value was set already, and nothing was written.
    func set(_ key: String, to value: String) throws(RouteNetlinkError) -> Bool {
        try check(key)
        if try self.value(of: key) == value { return false }
        do throws(SystemError) {
            let file = try Descriptor(opening: key, beneath: root.rawValue, flags: O_WRONLY)
            try file.writeAll(Array(value.utf8))
        } catch {
            throw .sysctl(SystemError(code: error.code, operation: "set sysctl \(key) = \(value)"))
        }
        return true
    }

    private func check(_ key: String) throws(RouteNetlinkError) {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1, !key.utf8.contains(0), !parts.contains(where: { $0.isEmpty || $0 == ".." || $0 == "." })
        else { throw .badSysctlKey(key) }
    }

    private static func trimmed(_ bytes: [UInt8]) -> String {
        let isSpace: (UInt8) -> Bool = { $0 <= 32 }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }
}

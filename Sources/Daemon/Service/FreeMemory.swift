internal import CLinux
internal import Descriptors
internal import Dispatch
internal import Glibc

/// Returns memory that a large observation or answer has left free: otherwise malloc keeps it, and with 10,000 peers
/// that is more than what is in use.
actor FreeMemory {
    /// Returning memory blocks.
    private let executor = QueueExecutor(label: "memory", qos: .utility)
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Bytes; less is not worth the work.
    private static let worthwhile = 4 << 20
    private static let interval = Duration.seconds(2)

    /// Checks every two seconds until cancelled.
    func keepLow() async {
        // The surplus that remained after the last return.
        var floor = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            guard let surplus = Self.surplus, surplus > floor + Self.worthwhile else { continue }
            clinux_return_free_memory()
            floor = Self.surplus ?? surplus
        }
    }

    /// Bytes that are resident but not in use: the program itself, and what malloc keeps.
    private static var surplus: Int? {
        resident.map { $0 - clinux_memory_in_use() }
    }

    /// Bytes: the second field of /proc/self/statm, in pages (proc(5)).
    private static var resident: Int? {
        guard let file = try? Descriptor(opening: "/proc/self/statm", flags: O_RDONLY), let bytes = try? file.readAll()
        else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * sysconf(Int32(_SC_PAGESIZE)) } : nil
    }
}

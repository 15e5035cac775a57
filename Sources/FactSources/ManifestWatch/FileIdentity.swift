import CLinux
import Glibc

/// Distinguishes versions of a file or directory without reading it.
struct FileIdentity: Hashable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var modified: Int64
    var changed: Int64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    func isSameFile(as other: FileIdentity) -> Bool { device == other.device && inode == other.inode }

    /// Whether a second write in the same tick of the file system's clock could go unseen: timestamps advance every
    /// 4 ms on ext4 and 2 s on FAT, so a version younger than that when it was read must be read again.
    func isTooYoung(at now: Int64) -> Bool { abs(now - changed) < 2_500_000_000 || changed > now }

    /// CLOCK_REALTIME, the clock of file timestamps, in nanoseconds.
    static func wallClock() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return nanoseconds(now)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// Where a directory is mounted: it changes when something is mounted over it or unmounted.
struct MountIdentity: Hashable {
    var device: UInt64
    var mount: UInt64

    init(device: UInt64, descriptor: Int32) {
        self.device = device
        mount = clinux_mount_id(descriptor)
    }
}

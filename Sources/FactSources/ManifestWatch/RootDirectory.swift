import CLinux
import Glibc

/// The opened manifest directory: everything of one scan is looked up from this descriptor.
final class RootDirectory {
    let descriptor: Int32
    /// The user that it belonged to when it was opened.
    let owner: uid_t

    /// Opens `path`, following symbolic links (git-sync's `current` is one).
    init(path: String) throws(Errno) {
        descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            owner = 0
            throw .last
        }
        var status = stat()
        owner = fstat(descriptor, &status) == 0 ? status.st_uid : 0
    }

    deinit { close(descriptor) }

    /// Opens something below the root; a lookup that would leave it fails with EXDEV, a loop or a magic link of
    /// /proc with ELOOP. The caller closes the descriptor.
    func open(_ path: RelativePath, flags: Int32) throws(Errno) -> Int32 {
        // openat2 refuses O_PATH together with O_NONBLOCK.
        let blocking = flags & clinux_o_path != 0 ? 0 : O_NONBLOCK
        let flags = UInt64(bitPattern: Int64(flags | O_CLOEXEC | blocking))
        for _ in 0..<16 {
            let opened = path.withCString {
                clinux_openat2(descriptor, $0, flags, UInt64(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS))
            }
            if opened >= 0 { return opened }
            let error = Errno.last
            // EAGAIN: a rename elsewhere raced with a ".." of this lookup (openat2(2)).
            guard error.code == EAGAIN || error.code == EINTR else { throw error }
        }
        throw Errno(code: EAGAIN)
    }

    /// `stat` of a path below the root; `following` says whether a last symbolic link is resolved.
    func status(_ path: RelativePath, following: Bool) throws(Errno) -> stat {
        var status = stat()
        guard path.withCString({ fstatat(descriptor, $0, &status, following ? 0 : AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw .last
        }
        return status
    }

    /// `fstat` of an opened descriptor.
    static func status(of descriptor: Int32) throws(Errno) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last }
        return status
    }
}

internal import Glibc

/// A bound Unix socket whose file has its final mode from the moment it appears, and that is removed again only
/// while it is still the file that was made here.
struct ListeningSocket {
    let descriptor: Int32
    private let path: String
    private let inode: ino_t

    /// - Throws: `UnixHTTPError` with operation `listen`.
    init(path: String, mode: mode_t, group: gid_t?) throws {
        func fail(_ reason: UnixHTTPError.Reason) -> UnixHTTPError {
            UnixHTTPError(reason, socketPath: path, operation: "listen")
        }
        guard let address = sockaddr_un(path: path) else { throw fail(.pathTooLong) }
        try Self.removeStale(path: path, address: address)
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw fail(.systemCall("socket", errno: errno)) }
        // bind(2) makes the file with the mode of the socket's own inode (unix_bind_bsd in net/unix/af_unix.c), so
        // nobody can connect before the group is set.
        let isBound = fchmod(descriptor, 0o600) == 0 && address.withPointer { bind(descriptor, $0, $1) } == 0
        guard isBound else {
            let code = errno
            close(descriptor)
            throw fail(code == EADDRINUSE ? .alreadyListening : .systemCall("bind", errno: code))
        }
        var status = stat()
        let isOwned = group.map { lchown(path, uid_t.max, $0) == 0 } ?? true
        guard isOwned, chmod(path, mode) == 0, lstat(path, &status) == 0 else {
            let code = errno
            close(descriptor)
            unlink(path)
            throw fail(.systemCall("chown or chmod", errno: code))
        }
        self.descriptor = descriptor
        self.path = path
        inode = status.st_ino
    }

    func removeFile() {
        var status = stat()
        if lstat(path, &status) == 0, status.st_ino == inode { unlink(path) }
    }

    /// A socket that a dead process left refuses connections; one that answers, and any other file, stays.
    private static func removeStale(path: String, address: sockaddr_un) throws {
        func fail(_ reason: UnixHTTPError.Reason) -> UnixHTTPError {
            UnixHTTPError(reason, socketPath: path, operation: "listen")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw fail(.notASocket) }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { throw fail(.systemCall("socket", errno: errno)) }
        defer { close(probe) }
        let result = address.withPointer { connect(probe, $0, $1) }
        let code = errno
        guard result != 0, code == ECONNREFUSED || code == ENOENT else { throw fail(.alreadyListening) }
        guard unlink(path) == 0 || errno == ENOENT else { throw fail(.systemCall("unlink", errno: errno)) }
    }
}

extension sockaddr_un {
    /// nil when the path does not fit with its terminating zero.
    fileprivate init?(path: String) {
        self.init()
        sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let capacity = MemoryLayout.size(ofValue: sun_path)
        guard !bytes.isEmpty, bytes.count < capacity, !bytes.contains(0) else { return nil }
        withUnsafeMutableBytes(of: &sun_path) { $0.copyBytes(from: bytes) }
    }

    fileprivate func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: self) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}

internal import Foundation
internal import Glibc

/// One daemon a host: an advisory lock on a file of the state directory, held for the process's life.
public struct InstanceLock: ~Copyable {
    public enum LockError: Error, CustomStringConvertible {
        case held(path: String, pid: String)
        case unusable(path: String, errno: Int32)

        public var description: String {
            switch self {
            case .held(let path, let pid):
                "another wgd (pid \(pid)) holds \(path): stop it first, or give this one its own --state-dir"
            case .unusable(let path, let code):
                "cannot lock \(path): \(String(cString: strerror(code))); wgd needs to write its state directory"
            }
        }
    }

    private let descriptor: Int32

    /// The lock of the state directory; where that cannot be written, one beside the control socket.
    ///
    /// - Throws: `LockError.held` naming the process that has it.
    static func acquire(_ options: DaemonOptions) throws(LockError) -> InstanceLock {
        do throws(LockError) {
            return try InstanceLock(path: options.lockPath)
        } catch {
            if case .held = error { throw error }
            return try InstanceLock(path: options.controlSocket + ".lock")
        }
    }

    /// - Throws: `LockError.held` naming the process that has it.
    public init(path: String) throws(LockError) {
        descriptor = try InstanceLock.locked(path)
        ftruncate(descriptor, 0)
        let text = "\(getpid())\n"
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    /// Opens the file, to read where its file system is read-only, and locks it.
    private static func locked(_ path: String) throws(LockError) -> Int32 {
        var descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor < 0, errno == EROFS { descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        guard descriptor >= 0 else { throw .unusable(path: path, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return descriptor }
        let code = errno
        let pid = (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
        close(descriptor)
        throw code == EWOULDBLOCK ? .held(path: path, pid: pid ?? "unknown") : .unusable(path: path, errno: code)
    }

    deinit { close(descriptor) }
}

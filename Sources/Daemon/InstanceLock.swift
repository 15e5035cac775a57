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

    /// - Throws: `LockError.held` naming the process that has it.
    public init(path: String) throws(LockError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unusable(path: path, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let pid = (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(
                in: .whitespacesAndNewlines)
            close(descriptor)
            throw code == EWOULDBLOCK ? .held(path: path, pid: pid ?? "unknown") : .unusable(path: path, errno: code)
        }
        ftruncate(descriptor, 0)
        let text = "\(getpid())\n"
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    deinit { close(descriptor) }
}

internal import Descriptors
internal import Glibc

/// One daemon per host: an advisory lock on a file of the state directory, kept for the process's life.
public struct InstanceLock: ~Copyable {
    public enum LockError: Error, CustomStringConvertible {
        case held(path: String, pid: String)
        /// - Parameter isForeign: the path is something else; otherwise the system refuses the file.
        case unusable(path: String, reason: String, isForeign: Bool)

        public var description: String {
            switch self {
            case .held(let path, let pid):
                "another wgd (pid \(pid)) holds \(path): stop it first, or give this one its own --state-dir"
            case .unusable(let path, let reason, _):
                "cannot lock \(path), which \(reason); wgd needs to write its state directory"
            }
        }
    }

    private let descriptor: Descriptor

    /// The lock of the state directory; if that cannot be written, one beside the control socket.
    ///
    /// - Throws: `LockError.held` with the process that has it; `.unusable`.
    static func acquire(_ options: DaemonOptions) throws(LockError) -> InstanceLock {
        do throws(LockError) {
            return try InstanceLock(path: options.lockPath)
        } catch {
            // A foreign file may hide the lock of another daemon; a disk that refuses the file cannot.
            guard case .unusable(_, _, isForeign: false) = error else { throw error }
            try? StateDirectory.makeParents(of: options.controlSocket)
            return try InstanceLock(path: options.controlSocket + ".lock")
        }
    }

    /// - Throws: `LockError.held` with the process that has it; `.unusable`.
    public init(path: String) throws(LockError) {
        descriptor = try InstanceLock.locked(path)
        ftruncate(descriptor.rawValue, 0)
        let text = "\(getpid())\n"
        _ = text.withCString { pwrite(descriptor.rawValue, $0, strlen($0), 0) }
    }

    private static func locked(_ path: String) throws(LockError) -> Descriptor {
        let file = try open(path)
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 else { return file }
        let code = errno
        guard code == EWOULDBLOCK else {
            throw .unusable(path: path, reason: "cannot be locked: \(SystemError.text(of: code))", isForeign: false)
        }
        throw .held(path: path, pid: writtenProcess(file) ?? "unknown")
    }

    private static func writtenProcess(_ file: borrowing Descriptor) -> String? {
        let text = (try? file.readAll(limit: 32)) ?? []
        let pid = String(decoding: text, as: UTF8.self).prefix { $0.isNumber }
        return pid.isEmpty ? nil : String(pid)
    }

    /// The daemon that wrote its process id into the lock of a state directory and still runs; nil when none does.
    ///
    /// Does not try the lock itself: a daemon that starts at that moment would be refused.
    public static func runningProcess(stateDirectory: String) -> String? {
        guard let file = try? Descriptor(openingFile: stateDirectory + "/wgd.lock", flags: O_RDONLY | O_NOFOLLOW),
            let pid = writtenProcess(file),
            let name = try? Descriptor(opening: "/proc/\(pid)/comm", flags: O_RDONLY).readAll(limit: 32)
        else { return nil }
        return String(decoding: name, as: UTF8.self) == "wgd\n" ? pid : nil
    }

    /// Opens the file; read-only if its file system is read-only.
    private static func open(_ path: String) throws(LockError) -> Descriptor {
        do throws(PlainFileError) {
            return try Descriptor(openingFile: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        } catch {
            if error.code == EROFS, let file = try? Descriptor(openingFile: path, flags: O_RDONLY | O_NOFOLLOW) {
                return file
            }
            throw .unusable(path: path, reason: error.reason, isForeign: error.code == nil)
        }
    }
}

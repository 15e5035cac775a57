internal import Descriptors
internal import Foundation
internal import Glibc

/// The database as a file: its directory, its mode, and setting it aside when it is corrupt.
struct StateFile {
    let path: String

    /// SQLite's own companions of the file.
    private static let suffixes = ["", "-wal", "-shm"]

    private var directory: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

    /// Why the file cannot be opened, as far as that is known before.
    var absence: RecordsError? {
        guard access(path, F_OK) != 0 else { return nil }
        guard errno == EACCES else { return .missing(path: path) }
        return .unusable(path: path, reason: SystemError.text(of: EACCES))
    }

    /// Refuses a FIFO, at which SQLite would wait for ever, and a file that somebody else can write. Checks the path,
    /// since closing the file here would release SQLite's locks (fcntl(2)); only root can write the directory.
    ///
    /// - Parameter owned: whether a file of another user is refused, too.
    /// - Throws: `RecordsError.refused` naming the file: the database, or one of SQLite's companions.
    func check(owned: Bool = true) throws(RecordsError) {
        for suffix in Self.suffixes {
            var status = stat()
            guard lstat(path + suffix, &status) == 0 else { continue }
            let fault = PlainFile.fault(of: status) ?? (owned ? PlainFile.foreignOwner(of: status) : nil)
            if let fault { throw .refused(path: path + suffix, reason: fault) }
        }
    }

    /// Makes the directory (0700) and the file (0600) if need be, before SQLite could make them with wider modes;
    /// a wider file is narrowed. An existing directory keeps its mode: it may not be ours alone.
    ///
    /// - Throws: `RecordsError.refused`, `.unusable`.
    func create() throws(RecordsError) {
        try check()
        var info = stat()
        if stat(directory, &info) != 0 {
            do {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw .unusable(path: path, reason: "its directory cannot be made: \(error.localizedDescription)")
            }
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
            return
        }
        guard errno == EEXIST else { throw .unusable(path: path, reason: SystemError.text(of: errno)) }
        guard lstat(path, &info) == 0 else { throw .unusable(path: path, reason: SystemError.text(of: errno)) }
        guard info.st_mode & 0o777 == 0o600 || chmod(path, 0o600) == 0 else {
            throw .unusable(path: path, reason: SystemError.text(of: errno))
        }
    }

    /// Renames the file and its journal to the first free `….corrupt-N`.
    ///
    /// - Returns: the new path.
    func setAside() throws(RecordsError) -> String {
        var number = 1
        while access("\(path).corrupt-\(number)", F_OK) == 0 { number += 1 }
        let aside = "\(path).corrupt-\(number)"
        for suffix in Self.suffixes where access(path + suffix, F_OK) == 0 {
            guard rename(path + suffix, aside + suffix) == 0 else {
                throw .unusable(
                    path: path, reason: "it is corrupt, and moving it aside failed: \(SystemError.text(of: errno))")
            }
        }
        return aside
    }
}

internal import Foundation
internal import Glibc

/// The database as a file: its directory, its mode, and the way out of its way when it is broken.
struct StateFile {
    let path: String

    /// SQLite's own companions of the file.
    private static let suffixes = ["", "-wal", "-shm"]

    private var directory: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

    /// Whether the file is there, even if it cannot be read.
    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Makes the directory (0700) and the file (0600) if need be, before SQLite could make them with wider modes;
    /// a wider file is narrowed. An existing directory keeps its mode: it may not be ours alone.
    func create() throws(RecordsError) {
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
        guard errno == EEXIST else { throw .unusable(path: path, reason: Self.text(of: errno)) }
        // By path: closing a descriptor of a file drops every lock that the process has on it (fcntl(2)), SQLite's too.
        guard lstat(path, &info) == 0 else { throw .unusable(path: path, reason: Self.text(of: errno)) }
        guard info.st_mode & S_IFMT == S_IFREG else { throw .unusable(path: path, reason: "it is not a regular file") }
        guard info.st_mode & 0o777 == 0o600 || chmod(path, 0o600) == 0 else {
            throw .unusable(path: path, reason: Self.text(of: errno))
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
                    path: path, reason: "it is corrupt, and moving it aside failed: \(Self.text(of: errno))")
            }
        }
        return aside
    }

    private static func text(of code: Int32) -> String { String(cString: strerror(code)) }
}

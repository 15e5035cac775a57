internal import Descriptors
internal import Glibc

/// The directory of the database and the keys.
enum StateDirectory {
    enum StateDirectoryError: Error, CustomStringConvertible {
        case unusable(path: String, errno: Int32)
        case refused(path: String, reason: String)

        var description: String {
            switch self {
            case .unusable(let path, let code):
                "cannot make \(path): \(SystemError.text(of: code)); "
                    + "give wgd a place that it may write with --state-dir or --socket"
            case .refused(let path, let reason):
                "the state directory \(path) \(reason), or give wgd another one with --state-dir"
            }
        }
    }

    /// Creates it with its parents; itself 0700. A full or read-only disk is tolerated: the network converges without
    /// it, and whoever writes there reports the failure.
    ///
    /// - Throws: `.refused` when it is not a directory, or belongs to somebody else, who could put other keys into it.
    static func prepare(_ path: String) throws(StateDirectoryError) {
        do throws(StateDirectoryError) {
            try makeParents(of: path + "/")
            try check(path)
            guard chmod(path, 0o700) == 0 else { throw .unusable(path: path, errno: errno) }
        } catch {
            if case .unusable(_, EROFS) = error { return }
            if case .unusable(_, ENOSPC) = error { return }
            throw error
        }
    }

    private static func check(_ path: String) throws(StateDirectoryError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .unusable(path: path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .refused(path: path, reason: "is \(PlainFile.kind(status.st_mode)); move it away")
        }
        if let fault = PlainFile.foreignOwner(of: status) { throw .refused(path: path, reason: fault) }
    }

    /// Creates every directory on the way to a path, 0755.
    static func makeParents(of path: String) throws(StateDirectoryError) {
        for (index, character) in zip(path.indices, path) where character == "/" && index != path.startIndex {
            guard mkdir(String(path[..<index]), 0o755) == 0 || errno == EEXIST else {
                throw .unusable(path: String(path[..<index]), errno: errno)
            }
        }
    }
}

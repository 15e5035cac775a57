public import Glibc

/// A file that is opened by its name, and turns out to be something else: said at once, with what it is.
///
/// Opening a FIFO waits for its other end, and reading one for bytes that may never come. So every file that wgd opens
/// by name is opened without waiting, and asked what it is (`PlainFileTests`).
public struct PlainFileError: Error, Hashable, Sendable, CustomStringConvertible {
    public var path: String
    /// Words that follow the path, with what to do.
    public var reason: String
    /// The errno of a call that failed; nil when something else is in the file's place.
    public var code: Int32?

    public init(path: String, reason: String, code: Int32? = nil) {
        self.path = path
        self.reason = reason
        self.code = code
    }

    public var description: String { "\(path) \(reason)" }
}

/// What a path must be for wgd to use it.
public enum PlainFile {
    /// Why something is not a plain file; nil when it is.
    public static func fault(of status: stat) -> String? {
        let isPlain = status.st_mode & S_IFMT == S_IFREG
        return isPlain ? nil : "is \(kind(status.st_mode)), not a plain file; move it away"
    }

    /// Why something does not belong to the user that this process runs as; nil when it does.
    public static func foreignOwner(of status: stat) -> String? {
        guard status.st_uid != geteuid() else { return nil }
        return "belongs to user \(status.st_uid), who could change it, and not to user \(geteuid()); "
            + "if nobody has tampered with it, chown \(geteuid()) it"
    }

    /// "a FIFO", "a directory", …: inode(7).
    public static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFREG: "a plain file"
        case S_IFDIR: "a directory"
        case S_IFLNK: "a symbolic link"
        case S_IFIFO: "a FIFO"
        case S_IFSOCK: "a socket"
        case S_IFCHR: "a character device"
        case S_IFBLK: "a block device"
        default: "of an unknown kind"
        }
    }
}

extension Descriptor {
    /// Opens a plain file, never waiting for it; `O_CLOEXEC` and `O_NONBLOCK` are added to `flags`.
    ///
    /// - Throws: `PlainFileError` with what is there in its place, or with the errno of what failed.
    public init(openingFile path: String, flags: Int32, mode: UInt32 = 0) throws(PlainFileError) {
        let opened: Descriptor
        do throws(SystemError) {
            opened = try Descriptor(opening: path, flags: flags | O_NONBLOCK, mode: mode)
        } catch {
            // What cannot be opened at all (a link with O_NOFOLLOW, a directory or a socket to write) is named, too.
            var status = stat()
            if lstat(path, &status) == 0, flags & O_NOFOLLOW != 0 || status.st_mode & S_IFMT != S_IFLNK,
                let fault = PlainFile.fault(of: status)
            {
                throw PlainFileError(path: path, reason: fault)
            }
            throw PlainFileError(
                path: path, reason: "cannot be opened: \(SystemError.text(of: error.code))", code: error.code)
        }
        var status = stat()
        guard fstat(opened.rawValue, &status) == 0 else {
            throw PlainFileError(path: path, reason: "cannot be opened: \(SystemError.text(of: errno))", code: errno)
        }
        if let fault = PlainFile.fault(of: status) { throw PlainFileError(path: path, reason: fault) }
        self = opened
    }
}

internal import GRDB

/// Why the state database could not be used.
public enum RecordsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no database at the path: `wgd` never ran here, or keeps its state elsewhere.
    case missing(path: String)
    /// A newer program wrote it. It has not been touched.
    case newerVersion(path: String, found: Int, supported: Int)
    /// The file or its directory could not be made or opened.
    case unusable(path: String, reason: String)
    /// A file of the database is something else that must not be opened, or belongs to another user.
    case refused(path: String, reason: String)
    /// One operation failed; the database is as it was before.
    case failed(operation: String, path: String, reason: String)

    public var description: String {
        switch self {
        case .missing(let path):
            "no state database at \(path): wgd has not run here, or keeps it elsewhere (name it with --state)"
        case .newerVersion(let path, let found, let supported):
            "\(path) has version \(found), and this program knows versions up to \(supported): "
                + "install the newer wgctl again, or move the file away to start afresh"
        case .unusable(let path, let reason):
            "cannot use the state database \(path): \(reason); run as root, and check its directory"
        case .refused(let path, let reason):
            "the state database is refused: \(path) \(reason)"
        case .failed(let operation, let path, let reason):
            "cannot \(operation) in \(path): \(reason)"
        }
    }

    static func from(_ error: any Error, operation: String, path: String) -> RecordsError {
        (error as? RecordsError) ?? .failed(operation: operation, path: path, reason: reason(of: error))
    }

    /// SQLite's message without the statement, whose arguments may contain text of a manifest.
    static func reason(of error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        let text = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        return switch error.resultCode {
        case .SQLITE_FULL: "\(text); free space on its file system"
        case .SQLITE_BUSY, .SQLITE_LOCKED: "\(text); another program holds it"
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM: "\(text); it needs root's rights on the file's directory"
        default: text
        }
    }
}

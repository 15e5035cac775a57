import Glibc

/// A single scan of manifests, without a daemon and without watching: the same files that `ManifestSource` sees.
public enum ManifestScan {
    /// Why nothing could be read at all.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The path and the kernel's reason.
        public var description: String
    }

    /// How often a directory that changes while it is read is read again, 20 ms apart.
    private static let attempts = 100

    /// Every manifest below a directory, sorted by the bytes of its path, which is relative to the directory.
    /// Blocks; symbolic links are followed as long as they stay below it.
    ///
    /// - Throws: `Failure` when the directory cannot be read, is over a limit, or never rests.
    public static func files(below directory: String) throws(Failure) -> [SourceFile] {
        // Permissions of an author's checkout say nothing about those on a host.
        try look(below: directory, trust: .anybody).files
    }

    /// The same with the daemon's checks of owners and permissions: files that it would refuse are unreadable, and
    /// `fault` is what it would report about the directory.
    ///
    /// - Throws: `Failure` when the directory cannot be read, is over a limit, or never rests.
    public static func asDaemon(below directory: String) throws(Failure) -> (files: [SourceFile], fault: String?) {
        try look(below: directory, trust: .warning)
    }

    private static func look(
        below directory: String, trust: WriterTrust
    ) throws(Failure) -> (files: [SourceFile], fault: String?) {
        var scanner = Scanner(directory: directory, trust: trust)
        var notifications = Notifications(none: ())
        for _ in 0..<attempts {
            let scan: Scan
            do {
                scan = try scanner.scan(patient: true, watching: &notifications)
            } catch {
                throw Failure(description: reason(error, of: directory))
            }
            if scan.changing.isEmpty { return (scan.sourceFiles, scanner.security.fault) }
            usleep(20_000)
        }
        throw Failure(description: "\(directory): keeps changing; find out who writes there")
    }

    /// One file given by its path, with any name and any permissions.
    ///
    /// - Throws: `Failure` when it does not exist or cannot be opened.
    public static func file(_ path: String) throws(Failure) -> SourceFile {
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = RelativePath(bytes: Array(slash.map { path[path.index(after: $0)...] } ?? path[...]).flatMap(\.utf8))
        for _ in 0..<attempts {
            do throws(Errno) {
                let root = try RootDirectory(path: parent)
                guard Glibc.access(path, R_OK) == 0 else { throw Errno.last }
                if case .contents(let contents, _) = try FileRead.read(name, in: root, trustsWriters: true) {
                    return SourceFile(path: path, contents: contents)
                }
            } catch {
                throw Failure(description: "\(path): \(error.text)")
            }
            usleep(20_000)
        }
        throw Failure(description: "\(path): keeps changing; find out who writes there")
    }

    /// Whether a path is a directory; links are followed.
    ///
    /// - Throws: `Failure` when it does not exist.
    public static func isDirectory(_ path: String) throws(Failure) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Failure(description: "\(path): \(Errno.last.text)") }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    /// The scanner's reason without its last sentence, which is true for a daemon only.
    private static func reason(_ failure: ScanFailure, of directory: String) -> String {
        let daemon = ". Nothing changes until then"
        return failure.reason.hasSuffix(daemon) ? String(failure.reason.dropLast(daemon.count)) : failure.reason
    }
}

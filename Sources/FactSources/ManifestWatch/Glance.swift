import CLinux
import Glibc

/// Reads a few manifests only, when notifications say that nothing else has changed: the cost of a whole walk grows
/// with the fleet, and that of one edit should not.
///
/// Only for files that existed and are replaced or rewritten in place. A whole scan does everything else and every
/// doubtful case; the next rescan finds what notifications missed.
struct Glance {
    /// More are read as quickly by a whole scan.
    static let limit = 64

    let root: RootDirectory
    let last: Scan
    private(set) var files: [RelativePath: Scan.File] = [:]
    private(set) var read: Walk.Remembered = [:]

    /// nil when the directory of `last` has been replaced.
    init?(directory: String, after last: Scan) {
        guard let root = try? RootDirectory(path: directory),
            let status = try? RootDirectory.status(of: root.descriptor),
            last.directories[.root]?.isSameFile(as: FileIdentity(status)) ?? false
        else { return nil }
        self.root = root
        self.last = last
    }

    /// Reads one entry; false when a whole scan is needed.
    mutating func look(at path: RelativePath, trustsWriters: Bool) -> Bool {
        guard ManifestName.isManifest(path.name) else { return isNothing(path) }
        guard case .bytes(let before)? = last.files[path]?.contents,
            let status = try? root.status(path, following: false), status.st_mode & S_IFMT == S_IFREG,
            // Its other name may be a manifest too, and there is no notification for that one's directory.
            status.st_nlink == 1
        else { return false }
        let now = FileIdentity.wallClock()
        guard
            case .contents(.bytes(let bytes), let identity)? = try? FileRead.read(
                path, in: root, trustsWriters: trustsWriters), !bytes.isEmpty
        else { return false }
        let file = Scan.File(identity: identity, contents: .bytes(before == bytes ? before : bytes))
        files[path] = file
        read[path] = Walk.Known(file: file, isCertain: !identity.isTooYoung(at: now))
        return true
    }

    /// Whether the files can be taken before it is known that no more follow: nobody has one open for writing, and no
    /// resource leaves one for a file that may follow.
    func isComplete() -> Bool {
        files.allSatisfy { path, file in
            guard case .bytes(let before)? = last.files[path]?.contents, case .bytes(let now) = file.contents else {
                return false
            }
            return Self.names(in: before).isSubset(of: Self.names(in: now)) && !isBeingWritten(path)
        }
    }

    /// The lines that say what resources there are.
    private static func names(in bytes: [UInt8]) -> Set<Substring> {
        Set(
            String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter {
                $0.contains("name:") || $0.contains("kind:")
            })
    }

    private func isBeingWritten(_ path: RelativePath) -> Bool {
        guard let descriptor = try? root.open(path, flags: O_RDONLY) else { return true }
        defer { close(descriptor) }
        return clinux_is_open_for_writing(descriptor) != 0
    }

    /// Whether nothing has changed since it was read.
    func isStable() -> Bool {
        files.allSatisfy { path, file in
            (try? root.status(path, following: true)).map(FileIdentity.init) == file.identity
        }
    }

    /// Whether an entry that is no manifest can be ignored: it neither was nor is a directory, or a link to one.
    private func isNothing(_ path: RelativePath) -> Bool {
        guard last.directories[path] == nil, last.files[path] == nil else { return false }
        do throws(Errno) {
            return try root.status(path, following: false).st_mode & S_IFMT == S_IFREG
        } catch {
            return error.code == ENOENT
        }
    }
}

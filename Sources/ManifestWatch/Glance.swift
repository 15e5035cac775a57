import Glibc

/// A look at a few manifests alone, where notifications tell that nothing else has changed: what a whole walk costs
/// grows with the fleet, and one edit should not.
///
/// Only files that were there and are replaced or rewritten in place. Everything else, and whatever is doubtful, is left
/// to a whole scan; so is what notifications missed, at the next rescan.
struct Glance {
    /// More are read as quickly by a whole scan.
    static let limit = 64

    let root: RootDirectory
    let last: Scan
    private(set) var files: [RelativePath: Scan.File] = [:]
    private(set) var read: Walk.Remembered = [:]

    /// nil when the directory that `last` is of no longer stands there.
    init?(directory: String, after last: Scan) {
        guard let root = try? RootDirectory(path: directory),
            let status = try? RootDirectory.status(of: root.descriptor),
            last.directories[.root]?.isSameFile(as: FileIdentity(status)) ?? false
        else { return nil }
        self.root = root
        self.last = last
    }

    /// Looks at one entry; false when it takes a whole scan.
    mutating func look(at path: RelativePath, trustsWriters: Bool) -> Bool {
        guard ManifestName.isManifest(path.name) else { return isNothing(path) }
        guard case .bytes(let before)? = last.files[path]?.contents,
            let status = try? root.status(path, following: false), status.st_mode & S_IFMT == S_IFREG,
            // Its other name may be a manifest too, whose directory is not told.
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

    /// Whether what was read still stands.
    func isStable() -> Bool {
        files.allSatisfy { path, file in
            (try? root.status(path, following: true)).map(FileIdentity.init) == file.identity
        }
    }

    /// What is no manifest matters where it was or has become a way to some: a directory, or a link to one.
    private func isNothing(_ path: RelativePath) -> Bool {
        guard last.directories[path] == nil, last.files[path] == nil else { return false }
        do throws(Errno) {
            return try root.status(path, following: false).st_mode & S_IFMT == S_IFREG
        } catch {
            return error.code == ENOENT
        }
    }
}

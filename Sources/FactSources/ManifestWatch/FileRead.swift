import Glibc

/// Opens, checks and reads one manifest file.
enum FileRead {
    /// The largest file that is read, in bytes.
    static let sizeLimit = 1 << 20

    enum Outcome {
        case contents(SourceFile.Contents, FileIdentity)
        /// The file changed while it was read, or went away before.
        case changed
    }

    /// Why a file with this status is refused, or nil. Checked on the opened descriptor.
    /// - Parameters:
    ///   - owner: of the manifest directory, who may own its files, as root may.
    ///   - trustsWriters: anybody may write it, as in an author's checkout.
    static func refusal(of status: stat, owner: uid_t, trustsWriters: Bool = false) -> String? {
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: return "is a directory with the name of a manifest; rename it"
        case S_IFIFO: return "is a FIFO, not a regular file; remove it"
        case S_IFSOCK: return "is a socket, not a regular file; remove it"
        default: return "is a device, not a regular file; remove it"
        }
        if !trustsWriters, status.st_uid != 0, status.st_uid != owner {
            return "belongs to user \(status.st_uid), who could then rule this host; chown it to root"
                + (owner == 0 ? "" : ", or to user \(owner), whose directory it is in")
        }
        if !trustsWriters, status.st_mode & 0o002 != 0 {
            return "is writable by everybody, who could then rule this host; chmod o-w"
        }
        if !trustsWriters, status.st_mode & 0o020 != 0, status.st_gid != 0 {
            return "is writable by group \(status.st_gid), whose members could then rule this host; chmod g-w"
        }
        if status.st_size > Int64(sizeLimit) {
            return "has \(status.st_size) bytes, more than 1 MiB (\(sizeLimit)); split it"
        }
        return nil
    }

    /// Reads a file below the root.
    /// - Throws: only when this process can open no more files (EMFILE, ENFILE, ENOMEM).
    static func read(
        _ path: RelativePath, in root: RootDirectory, trustsWriters: Bool = false
    ) throws(Errno) -> Outcome {
        let descriptor: Int32
        do {
            descriptor = try root.open(path, flags: O_RDONLY | O_NOCTTY)
        } catch {
            switch error.code {
            case ENOENT, ENOTDIR, EAGAIN: return .changed
            case EMFILE, ENFILE, ENOMEM: throw error
            default: return try unopened(path, error, in: root)
            }
        }
        defer { close(descriptor) }
        let before = try RootDirectory.status(of: descriptor)
        let identity = FileIdentity(before)
        if let refusal = refusal(of: before, owner: root.owner, trustsWriters: trustsWriters) {
            return .contents(.unreadable(reason: refusal), identity)
        }
        let bytes: [UInt8]
        do {
            bytes = try all(of: descriptor, expecting: Int(before.st_size))
        } catch {
            return .contents(.unreadable(reason: "cannot be read: \(error.text)"), identity)
        }
        let after = FileIdentity(try RootDirectory.status(of: descriptor))
        return after == identity && bytes.count == Int(before.st_size) ? .contents(.bytes(bytes), identity) : .changed
    }

    /// Why a path below the root cannot be opened.
    static func reason(_ error: Errno) -> String {
        switch error.code {
        case EXDEV: "leads out of the manifest directory; put the file itself there"
        case ELOOP: "is a symbolic link that runs in circles or into /proc; put the file itself there"
        case ENOENT, ENOTDIR: "is a symbolic link to nothing; repair or remove it"
        case EACCES: "cannot be opened: \(error.text); let the user that wgd runs as read it"
        default: "cannot be opened: \(error.text)"
        }
    }

    private static func unopened(_ path: RelativePath, _ error: Errno, in root: RootDirectory) throws(Errno) -> Outcome
    {
        guard let status = try? root.status(path, following: false) else { return .changed }
        return .contents(.unreadable(reason: reason(error)), FileIdentity(status))
    }

    /// Reads to the end, or one byte past the limit.
    private static func all(of descriptor: Int32, expecting size: Int) throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        var chunk = [UInt8](repeating: 0, count: min(max(size + 1, 512), sizeLimit + 1))
        while bytes.count <= sizeLimit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { break }
            if count < 0 {
                let error = Errno.last
                if error.code == EINTR { continue }
                throw error
            }
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes
    }
}

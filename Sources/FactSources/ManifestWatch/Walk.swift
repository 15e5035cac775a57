import CLinux
import Glibc

/// The state of one scan.
struct Walk {
    /// What a scan keeps for the next.
    typealias Remembered = [RelativePath: Known]

    struct Known {
        var file: Scan.File
        /// Whether the same identity proves the same contents.
        var isCertain: Bool
    }

    let root: RootDirectory
    let directory: String
    let patient: Bool
    let trustsWriters: Bool
    let remembered: Remembered
    private(set) var read: Remembered = [:]
    private(set) var scan = Scan()
    /// Why others could write a directory that was listed, the first by path; nil when they could not.
    private(set) var fault: String?

    init(
        root: RootDirectory, directory: String, patient: Bool, trustsWriters: Bool, remembered: Remembered
    ) {
        self.root = root
        self.directory = directory
        self.patient = patient
        self.trustsWriters = trustsWriters
        self.remembered = remembered
    }

    /// Lists a directory and everything below. `above`: the directories that the walk is in, to see loops.
    mutating func enter(
        _ path: RelativePath, above: [FileIdentity], watching notifications: inout Notifications
    ) throws(ScanFailure) {
        var within = above
        let names: [[UInt8]]
        do throws(Errno) {
            let descriptor = try root.open(path, flags: O_RDONLY | O_DIRECTORY)
            let identity: FileIdentity
            do throws(Errno) {
                let status = try RootDirectory.status(of: descriptor)
                identity = FileIdentity(status)
                if fault == nil, path != .root {
                    fault = DirectorySecurity.fault(of: status, named: "\(directory)/\(path.text)", owner: root.owner)
                }
            } catch {
                close(descriptor)
                throw error
            }
            if above.contains(where: { $0.isSameFile(as: identity) }) {
                close(descriptor)
                add(path, identity, .unreadable(reason: FileRead.reason(Errno(code: ELOOP))))
                return
            }
            within.append(identity)
            scan.directories[path] = identity
            scan.mounts[path] = MountIdentity(device: identity.device, descriptor: descriptor)
            // Before the listing, so that every later change causes a notification.
            notifications.watchListed(path, descriptor: descriptor)
            names = try DirectoryListing.names(closing: descriptor)
        } catch {
            return try failed(path, error)
        }
        if scan.directories.count > Scanner.fileLimit { throw excess("\(Scanner.fileLimit) directories") }
        for name in names where !ManifestName.isIgnored(name) {
            try look(at: path.appending(name), name: name, above: within, watching: &notifications)
        }
    }

    private mutating func look(
        at path: RelativePath, name: [UInt8], above: [FileIdentity], watching notifications: inout Notifications
    ) throws(ScanFailure) {
        var status: stat
        do throws(Errno) { status = try root.status(path, following: false) } catch { return try failed(path, error) }
        if status.st_mode & S_IFMT == S_IFLNK {
            notifications.watchLookups(of: path)
            do throws(Errno) {
                let target = try root.open(path, flags: clinux_o_path)
                defer { close(target) }
                status = try RootDirectory.status(of: target)
            } catch {
                return try unfollowed(path, name: name, link: status, error)
            }
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            try enter(path, above: above, watching: &notifications)
        } else if ManifestName.isManifest(name) {
            try take(path, status)
        }
    }

    /// A symbolic link that is not followed. It is reported if it could hide manifests; a link to any other kind of
    /// file is ignored.
    private mutating func unfollowed(
        _ path: RelativePath, name: [UInt8], link: stat, _ error: Errno
    ) throws(ScanFailure) {
        switch error.code {
        case EMFILE, ENFILE, ENOMEM, ENOSYS, EAGAIN: try failed(path, error)
        default:
            if !ManifestName.isManifest(name), let target = try? root.status(path, following: true),
                target.st_mode & S_IFMT != S_IFDIR
            {
                return
            }
            add(path, FileIdentity(link), .unreadable(reason: FileRead.reason(error)))
        }
    }

    private mutating func take(_ path: RelativePath, _ status: stat) throws(ScanFailure) {
        if scan.files.count >= Scanner.fileLimit { throw excess("\(Scanner.fileLimit) files") }
        let identity = FileIdentity(status)
        if let refusal = FileRead.refusal(of: status, owner: root.owner, trustsWriters: trustsWriters) {
            add(path, identity, .unreadable(reason: refusal))
        } else if let known = remembered[path], known.isCertain, known.file.identity == identity {
            add(path, identity, known.file.contents)
            read[path] = known
        } else {
            let now = FileIdentity.wallClock()
            do throws(Errno) {
                switch try FileRead.read(path, in: root, trustsWriters: trustsWriters) {
                case .contents(let contents, let identity):
                    // The old array if its bytes are equal, so that snapshots share it.
                    let before = remembered[path]?.file.contents
                    let file = Scan.File(
                        identity: identity, contents: before == contents ? before ?? contents : contents)
                    scan.files[path] = file
                    if case .bytes = contents {
                        read[path] = Known(file: file, isCertain: !identity.isTooYoung(at: now))
                    }
                case .changed: changed(path)
                }
            } catch {
                try failed(path, error)
            }
        }
        if case .bytes(let bytes)? = scan.files[path]?.contents { scan.totalBytes += bytes.count }
        if scan.totalBytes > Scanner.byteLimit { throw excess("\(Scanner.byteLimit >> 20) MiB") }
    }

    private mutating func add(_ path: RelativePath, _ identity: FileIdentity, _ contents: SourceFile.Contents) {
        scan.files[path] = Scan.File(identity: identity, contents: contents)
    }

    /// Checks every directory and file again: a change since it was read means that the scan mixes two moments.
    mutating func verify() {
        for (path, identity) in scan.directories {
            let status =
                path == .root
                ? try? RootDirectory(path: directory).status(.root, following: false)
                : try? root.status(path, following: true)
            if status.map(FileIdentity.init) != identity { scan.changing.insert(path) }
        }
        for (path, file) in scan.files {
            guard case .bytes = file.contents else { continue }
            let status = try? root.status(path, following: true)
            if status.map(FileIdentity.init) != file.identity { changed(path) }
        }
    }

    private mutating func changed(_ path: RelativePath) {
        read[path] = nil
        if !patient, let status = try? root.status(path, following: false) {
            add(path, FileIdentity(status), .unreadable(reason: "is being written without a pause; finish writing it"))
        } else {
            scan.changing.insert(path)
        }
    }

    /// An entry that was listed and is gone needs another scan. Any other error leaves the listing incomplete.
    private mutating func failed(_ path: RelativePath, _ error: Errno) throws(ScanFailure) {
        switch error.code {
        case ENOENT, ENOTDIR, EAGAIN, EXDEV, ELOOP: scan.changing.insert(path)
        default:
            throw ScanFailure(reason: Scanner.reason(error, path == .root ? directory : "\(directory)/\(path.text)"))
        }
    }

    private func excess(_ limit: String) -> ScanFailure {
        ScanFailure(
            reason: "\(directory): holds more than \(limit); split it over several fleets. Nothing changes until then")
    }
}

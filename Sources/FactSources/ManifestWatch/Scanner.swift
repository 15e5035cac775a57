import Glibc

/// Walks the manifest directory. Remembers what it read, so that an unchanged file is not read again.
struct Scanner {
    /// Limits of a whole directory; beyond them there is no snapshot.
    static let fileLimit = 65_536
    static let byteLimit = 256 << 20

    let directory: String
    let trust: WriterTrust
    /// Who can write the directory, according to the last whole scan.
    private(set) var security = SourceSecurity()
    private var remembered: Walk.Remembered = [:]

    init(directory: String, trust: WriterTrust) {
        self.directory = directory
        self.trust = trust
    }

    /// Whether files that others may write are read, as in an author's checkout.
    private var trustsWriters: Bool { trust == .anybody }

    /// One complete walk, verified at its end.
    /// - Parameter patient: if false, a file that is still being written counts as unreadable instead of being waited
    ///   for.
    mutating func scan(patient: Bool, watching notifications: inout Notifications) throws(ScanFailure) -> Scan {
        let root: RootDirectory
        do throws(Errno) {
            notifications.beginScan(directory: directory)
            root = try RootDirectory(path: directory)
        } catch {
            throw ScanFailure(reason: Self.reason(error, directory))
        }
        notifications.beginListing(root: root)
        var walk = Walk(
            root: root, directory: directory, patient: patient, trustsWriters: trustsWriters, remembered: remembered)
        try walk.enter(.root, above: [], watching: &notifications)
        notifications.endScan()
        try judge(walk.fault, root)
        walk.verify()
        remembered = walk.read
        return walk.scan
    }

    /// Checks who can write the directory, one above it or one below.
    ///
    /// - Parameter below: the first fault below it.
    /// - Throws: when others can and `trust` refuses that.
    private mutating func judge(_ below: String?, _ root: RootDirectory) throws(ScanFailure) {
        guard trust != .anybody else { return }
        security.fault = DirectorySecurity.fault(of: directory, opened: root) ?? below
        guard let fault = security.fault else {
            security.wasSecure = true
            return
        }
        guard trust == .strict || trust == .strictOnceSecure && security.wasSecure else { return }
        throw ScanFailure(reason: "\(fault). Nothing changes until then")
    }

    /// Reads some entries only.
    ///
    /// - Returns: the files among them, changed or not; nil when a whole scan is needed.
    /// - Parameter isEarly: whether more files may follow that belong to the same change.
    mutating func glance(
        at paths: Set<RelativePath>, after last: Scan, isEarly: Bool = false
    ) -> [RelativePath: Scan.File]? {
        guard paths.count <= Glance.limit, var glance = Glance(directory: directory, after: last) else { return nil }
        for path in paths {
            guard glance.look(at: path, trustsWriters: trustsWriters) else { return nil }
        }
        // The whole scan reports that the limit is exceeded.
        guard last.totalBytes + last.growth(with: glance.files) <= Self.byteLimit, glance.isStable() else { return nil }
        guard !isEarly || glance.isComplete() else { return nil }
        remembered.merge(glance.read) { _, new in new }
        return glance.files
    }

    /// What the operator reads when a directory cannot be opened or listed.
    static func reason(_ error: Errno, _ path: String) -> String {
        let remedy =
            switch error.code {
            case ENOENT: "create it, or name another with --manifests"
            case ENOTDIR: "put the manifests into a directory"
            case EACCES: "let the user that wgd runs as read it"
            case EMFILE, ENFILE: "raise LimitNOFILE"
            case ENOSYS: "wgd needs Linux 5.6 or newer"
            default: "check the file system that it is on"
            }
        return "\(path): \(error.text); \(remedy). Nothing changes until then"
    }
}

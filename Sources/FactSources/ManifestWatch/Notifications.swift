import CLinux
import Glibc

/// inotify(7) on every directory on the way to the manifests. A notification only causes a scan; the periodic scan
/// finds what notifications miss.
struct Notifications {
    /// What a directory is watched for.
    private struct Watch {
        /// The paths under which manifests are listed in it; without one only `names` count.
        var listed: Set<RelativePath> = []
        /// Entries that a path goes through: links, their targets, the root itself.
        var names: Set<[UInt8]> = []
    }

    /// Readable when something changed; -1 without inotify.
    private(set) var descriptor: Int32
    /// Why changes are found by polling instead, or nil.
    private(set) var degraded: String?
    /// Files that were modified and not closed yet.
    private(set) var writing: Set<WrittenFile> = []
    /// Files that are no manifests, in listed directories.
    private(set) var neighbours = FreshNeighbours()
    private var watches: [Int32: Watch] = [:]
    private var wanted: [Int32: Watch] = [:]
    private var lookups: PathLookups?

    struct WrittenFile: Hashable {
        var watch: Int32
        var name: [UInt8]
    }

    private static let entryChanges = UInt32(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB)
    private static let selfChanges = UInt32(IN_DELETE_SELF | IN_MOVE_SELF)
    private static let contentChanges = UInt32(IN_MODIFY | IN_CLOSE_WRITE)

    init() {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        if descriptor < 0 { degrade(.last) }
    }

    /// No notifications at all, for a single scan.
    init(none: Void) { descriptor = -1 }

    /// Tries inotify again after it was exhausted.
    mutating func retry() {
        guard degraded != nil else { return }
        closeDescriptor()
        self = Notifications()
    }

    mutating func closeDescriptor() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    // MARK: arming, once per scan

    /// Watches the way to the root: a directory or link on it that is replaced changes every manifest.
    mutating func beginScan(directory: String) {
        wanted = [:]
        let way = PathLookups(base: "")
        let mask = Self.entryChanges | Self.selfChanges
        for lookup in way.of(RelativePath(bytes: Array(directory.utf8.drop { $0 == UInt8(ascii: "/") }))) {
            want(way.systemPath(lookup.directory), mask) { $0.names.insert(lookup.name) }
        }
        watches.merge(wanted) { _, new in new }
    }

    mutating func beginListing(root: RootDirectory) { lookups = PathLookups(base: "/proc/self/fd/\(root.descriptor)") }

    /// Watches a directory before it is listed.
    mutating func watchListed(_ path: RelativePath, descriptor: Int32) {
        want(
            RelativePath(bytes: Array("/proc/self/fd/\(descriptor)".utf8)),
            Self.entryChanges | Self.selfChanges | Self.contentChanges
        ) { $0.listed.insert(path) }
    }

    /// Watches what a symbolic link below the root goes through.
    mutating func watchLookups(of link: RelativePath) {
        guard let lookups else { return }
        for lookup in lookups.of(link) {
            want(lookups.systemPath(lookup.directory), Self.entryChanges | Self.selfChanges | Self.contentChanges) {
                $0.names.insert(lookup.name)
            }
        }
    }

    /// Removes the watches that a complete walk no longer needs.
    mutating func endScan() {
        for watch in watches.keys where wanted[watch] == nil { inotify_rm_watch(descriptor, watch) }
        watches = wanted
        writing = writing.filter { wanted[$0.watch] != nil }
        lookups = nil
    }

    private mutating func want(_ path: RelativePath, _ mask: UInt32, _ change: (inout Watch) -> Void) {
        guard descriptor >= 0 else { return }
        let watch = path.withCString {
            inotify_add_watch(descriptor, $0, mask | UInt32(IN_ONLYDIR) | UInt32(IN_MASK_ADD))
        }
        guard watch >= 0 else {
            let error = Errno.last
            // Any other error means that the directory is gone or not readable, which the scan reports.
            if error.code == ENOSPC || error.code == ENOMEM { degrade(error) }
            return
        }
        change(&wanted[watch, default: Watch()])
        change(&watches[watch, default: Watch()])
    }

    private mutating func degrade(_ error: Errno) {
        degraded =
            "inotify is exhausted (\(error.text)): changes are found by polling each second; raise "
            + "fs.inotify.max_user_watches and fs.inotify.max_user_instances"
    }

    // MARK: draining

    /// Reads all queued notifications.
    mutating func drain() -> Noticed {
        guard descriptor >= 0 else { return .nothing }
        var noticed = Noticed.nothing
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return noticed }
            for event in InotifyEvent.parse(buffer[..<count]) { noticed.add(whatMatters(in: event)) }
        }
    }

    private mutating func whatMatters(in event: InotifyEvent) -> Noticed {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
            writing = []
            return .anything
        }
        guard let watch = watches[event.watch] else { return .nothing }
        if event.mask & UInt32(IN_IGNORED) != 0 { watches[event.watch] = nil }
        guard !event.name.isEmpty else {
            return event.mask & (Self.selfChanges | UInt32(IN_IGNORED | IN_UNMOUNT)) != 0 ? .anything : .nothing
        }
        let file = WrittenFile(watch: event.watch, name: event.name)
        let isContents = event.mask & Self.contentChanges != 0
        let isLookedUp = watch.names.contains(event.name)
        if !watch.listed.isEmpty, !ManifestName.isManifest(event.name), event.mask & UInt32(IN_ISDIR) == 0 {
            neighbours.note(file, isGone: event.mask & UInt32(IN_DELETE | IN_MOVED_FROM) != 0, at: .now)
        }
        let isOurs = isLookedUp || !watch.listed.isEmpty && ManifestName.isManifest(event.name)
        if isOurs, event.mask & UInt32(IN_MODIFY) != 0 { writing.insert(file) }
        if event.mask & UInt32(IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO) != 0 { writing.remove(file) }
        guard isOurs || !watch.listed.isEmpty && !isContents && !ManifestName.isIgnored(event.name) else {
            return .nothing
        }
        guard !isLookedUp, event.mask & UInt32(IN_ISDIR) == 0, watch.listed.count == 1,
            let directory = watch.listed.first
        else { return .anything }
        let change: Noticed.Change =
            if event.mask & UInt32(IN_MOVED_TO) != 0 {
                .replaced
            } else if event.mask & UInt32(IN_DELETE | IN_MOVED_FROM) != 0 {
                .gone
            } else {
                .other
            }
        return .entries([directory.appending(event.name): change])
    }

    /// Stops waiting for writers that keep their files open.
    mutating func forgetWriters() { writing = [] }
}

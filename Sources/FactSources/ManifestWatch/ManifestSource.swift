internal import Descriptors
import Glibc

/// The manifest directory as a sequence of complete, stable snapshots.
///
/// `*.yaml` and `*.yml` at any depth; names that begin with ".", "#" or "~" are left out. Symbolic links are followed
/// as long as they stay below the directory. Notifications (inotify) only cause scans; there is one every
/// `rescanInterval` in any case. One thread does everything, from `init` until the source is released.
public final class ManifestSource: Sendable {
    private let mailbox = Mailbox()
    private let current = Broadcast<SourceUpdate>(keepsLast: true)

    /// Starts watching.
    /// - Parameters:
    ///   - directory: need not exist yet; may be a symbolic link that is switched from one checkout to the next.
    ///   - quietPeriod: how long nothing may happen before the directory is read, at least 20 ms where a file is
    ///     missing.
    ///   - rescanInterval: for file systems without notifications (NFS, FUSE).
    ///   - trust: what to do when others than root and its owner can write it.
    public init(
        directory: String, quietPeriod: Duration = .milliseconds(20), rescanInterval: Duration = .seconds(30),
        trust: WriterTrust = .strict
    ) {
        let start = ThreadStart(
            directory: Self.absolute(directory), quietPeriod: quietPeriod, rescanInterval: rescanInterval,
            trust: trust, mailbox: mailbox, updates: current)
        start.spawn()
    }

    deinit { _ = mailbox.post(.stop) }

    /// The state now, as soon as it is known, and each change of contents or availability from then on.
    /// A slow reader gets only the newest. Ends when the source is released.
    public func updates() -> AsyncStream<SourceUpdate> { current.stream() }

    /// Scans every file now. Returns when the result is stable and, if something was new, sent to `updates()`.
    public func rescan() async {
        await withCheckedContinuation { continuation in
            if !mailbox.post(.rescan(continuation)) { continuation.resume() }
        }
    }

    /// Why changes are found by polling each second (inotify is exhausted) and how to remedy it, or nil.
    public var degradedReason: String? { mailbox.degraded }

    /// Who can write the directory, according to the last whole scan.
    public var security: SourceSecurity { mailbox.security }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }
}

/// What the watching thread starts with. It is a separate thread because a read from a dead NFS server does not return.
private final class ThreadStart: Sendable {
    let directory: String
    let quietPeriod: Duration
    let rescanInterval: Duration
    let trust: WriterTrust
    let mailbox: Mailbox
    let updates: Broadcast<SourceUpdate>

    init(
        directory: String, quietPeriod: Duration, rescanInterval: Duration, trust: WriterTrust, mailbox: Mailbox,
        updates: Broadcast<SourceUpdate>
    ) {
        self.directory = directory
        self.quietPeriod = quietPeriod
        self.rescanInterval = rescanInterval
        self.trust = trust
        self.mailbox = mailbox
        self.updates = updates
    }

    func spawn() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let failed = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue()
                var loop = WatchLoop(
                    directory: start.directory, quietPeriod: start.quietPeriod, rescanInterval: start.rescanInterval,
                    trust: start.trust, mailbox: start.mailbox, updates: start.updates)
                loop.run()
                return nil
            }, context.toOpaque())
        if failed == 0 {
            pthread_detach(thread)
        } else {
            context.release()
            _ = mailbox.take(closing: true)
            updates.finish()
        }
    }
}

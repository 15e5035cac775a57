internal import Descriptors
import Glibc

/// The watching thread's state. System calls on a slow file system block only this thread.
struct WatchLoop {
    /// How long to wait for a writer that keeps its file open, and how long notifications without a pause can delay a
    /// scan.
    private static let longestWait = Duration.seconds(1)
    /// How often to scan without notifications: when there is nothing to watch, or inotify is exhausted.
    private static let pollInterval = Duration.seconds(1)

    private let mailbox: Mailbox
    private let updates: Broadcast<SourceUpdate>
    private let rescanInterval: Duration
    private var scanner: Scanner
    private var notifications = Notifications()
    private var settlement: Settlement
    private var quiet: Quiet
    /// The kernel raises POLLPRI here when this mount namespace changes (proc(5), /proc/pid/mounts).
    private let mounts: Int32
    private var rescans: [CheckedContinuation<Void, Never>] = []
    private var due: ContinuousClock.Instant
    /// When the last change has had its quiet period; `due` is earlier for a single file renamed into place.
    private var calmAt: ContinuousClock.Instant
    /// What notifications named since the last scan; a scan for another reason reads everything.
    private var noticed = Noticed.anything
    /// The first notification since the last scan.
    private var firstChange: ContinuousClock.Instant?
    private var lastRetry: ContinuousClock.Instant
    /// The last whole scan, so that edits do not delay the next rescan.
    private var lastWhole: ContinuousClock.Instant

    init(
        directory: String, quietPeriod: Duration, rescanInterval: Duration, trust: WriterTrust, mailbox: Mailbox,
        updates: Broadcast<SourceUpdate>
    ) {
        self.mailbox = mailbox
        self.updates = updates
        quiet = Quiet(period: quietPeriod)
        self.rescanInterval = rescanInterval
        scanner = Scanner(directory: directory, trust: trust)
        settlement = Settlement(directory: directory, quietPeriod: quietPeriod)
        mounts = open("/proc/thread-self/mountinfo", O_RDONLY | O_CLOEXEC)
        due = .now
        calmAt = .now
        lastRetry = .now
        lastWhole = .now
    }

    /// Runs until a stop is requested.
    mutating func run() {
        while serve() {
            if ContinuousClock.now >= due { scan() }
            wait()
        }
        for request in mailbox.take(closing: true) {
            if case .rescan(let continuation) = request { continuation.resume() }
        }
        for continuation in rescans { continuation.resume() }
        updates.finish()
        notifications.closeDescriptor()
        if mounts >= 0 { close(mounts) }
    }

    /// - Returns: false to stop.
    private mutating func serve() -> Bool {
        for request in mailbox.take() {
            switch request {
            case .rescan(let continuation):
                rescans.append(continuation)
                noticed = .anything
                due = .now
            case .stop: return false
            }
        }
        return true
    }

    private mutating func wait() {
        var descriptors = [
            pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: notifications.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: mounts, events: Int16(POLLPRI), revents: 0),
        ]
        let (seconds, fraction) = max(due - .now, .zero).components
        var milliseconds = min(seconds, 3600) * 1000 + (fraction + 999_999_999_999_999) / 1_000_000_000_000_000
        if mailbox.descriptor < 0 { milliseconds = min(milliseconds, 100) }
        guard poll(&descriptors, nfds_t(descriptors.count), Int32(milliseconds)) > 0 else { return }
        note(notifications.drain())
        if descriptors[2].revents != 0 { note(.anything) }
    }

    /// Schedules a scan after a change: once it has been quiet for long enough, or has not been for too long.
    private mutating func note(_ changes: Noticed) {
        guard changes != .nothing else { return }
        noticed.add(changes)
        let now = ContinuousClock.now
        let first = firstChange ?? now
        firstChange = first
        calmAt = min(now + quiet.period, max(first + max(Self.longestWait, quiet.period), now))
        let isMoreLikely = !notifications.writing.isEmpty || notifications.neighbours.areThere(at: now)
        due = min(now + quiet.pause(after: noticed, isMoreLikely: isMoreLikely, at: now), calmAt)
    }

    private mutating func scan() {
        let now = ContinuousClock.now
        if !notifications.writing.isEmpty {
            let first = firstChange ?? now
            firstChange = first
            if now - first < Self.longestWait {
                due = now + quiet.period
                return
            }
            notifications.forgetWriters()
        }
        if now - lastRetry > rescanInterval {
            lastRetry = now
            notifications.retry()
        }
        let (entries, first) = (noticed, firstChange)
        (noticed, firstChange) = (.nothing, nil)
        var disturbance = Noticed.nothing
        if case .entries(let found) = entries {
            let isMoreLikely = now < calmAt && notifications.neighbours.areThere(at: now)
            if !isMoreLikely, glance(at: Set(found.keys), isEarly: now < calmAt, disturbance: &disturbance) {
                return quiet.read(entries, at: now)
            }
            // More than a file renamed into place: it waits as long as all else.
            if now < calmAt {
                (noticed, firstChange, due) = (entries, first, calmAt)
                return note(disturbance)
            }
        }
        // Without a notification it is a rescan, and no change.
        if first != nil { quiet.read(entries, at: now) }
        let step: Settlement.Step
        do throws(ScanFailure) {
            let scan = try scanner.scan(patient: settlement.isPatient(at: now), watching: &notifications)
            // Includes changes between the last wait and the scan's own watches: they cost one more scan.
            step = settlement.note(
                scan, disturbed: notifications.drain() != .nothing || disturbance != .nothing, at: .now)
        } catch {
            step = settlement.note(error)
        }
        lastWhole = .now
        mailbox.degraded = notifications.degraded
        mailbox.security = scanner.security
        switch step {
        case .again(let instant):
            noticed = .anything
            due = instant
        case .publish(let update): publish(update)
        }
    }

    /// Reads and publishes only what has changed; false when a whole scan is needed.
    ///
    /// - Parameter disturbance: what was noticed meanwhile.
    private mutating func glance(
        at paths: Set<RelativePath>, isEarly: Bool, disturbance: inout Noticed
    ) -> Bool {
        guard let changed = settlement.last.flatMap({ scanner.glance(at: paths, after: $0, isEarly: isEarly) }) else {
            return false
        }
        disturbance = notifications.drain()
        guard disturbance == .nothing, updates.changeLast({ $0.replaceContents(changed) }) != nil else { return false }
        settlement.note(changed)
        rest()
        return true
    }

    private mutating func publish(_ update: SourceUpdate) {
        if update != updates.last { updates.send(update) }
        rest()
    }

    /// Waits for the next change, after everything was published.
    private mutating func rest() {
        let isAvailable = if case .snapshot? = updates.last { true } else { false }
        due =
            lastWhole
            + (isAvailable && notifications.degraded == nil ? rescanInterval : min(Self.pollInterval, rescanInterval))
        for continuation in rescans { continuation.resume() }
        rescans = []
    }
}

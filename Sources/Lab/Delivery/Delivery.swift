internal import Glibc
internal import ManifestWatch

/// Brings each edit of a manifest directory to one host, late. It runs on that host, beside the daemon, and is started
/// again when it died; edits that wait are kept in the folder and come in their turn.
///
/// While the directory cannot be read as a whole, nothing is delivered, as no pull would.
public enum Delivery {
    /// Follows the directory until cancelled.
    ///
    /// - Parameter configuration: Path of the host's `configuration.json`.
    /// - Throws: `LabError`.
    public static func run(configuration path: String) async throws {
        let configuration = try decodeJSON(HostConfiguration.self, at: path)
        guard let lag = configuration.lag else { return }
        let revisions = Revisions(path: HostFolder(path: configuration.folder).deliveries)
        let deliverer = Deliverer(source: lag.manifests, delay: .milliseconds(lag.milliseconds), revisions: revisions)
        let source = ManifestSource(directory: lag.manifests, trust: .warning)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await deliverer.deliverAll() }
            for await update in source.updates() {
                guard case .snapshot(let files) = update, try await deliverer.capture(files) else { continue }
                group.addTask { try await deliverer.deliverAll() }
            }
        }
    }

    /// Writes and delivers the first revision, so that a host starts from what the others start from.
    ///
    /// - Throws: `LabError.badManifestDirectory`, `.system`.
    static func begin(_ revisions: Revisions, from directory: String) throws(LabError) {
        let files: [SourceFile]
        do throws(ManifestScan.Failure) {
            files = try ManifestScan.asDaemon(below: directory).files
        } catch {
            throw .badManifestDirectory(path: directory, reason: "cannot be read: \(error)")
        }
        let first = Revisions.Name(number: 1, due: .zero)
        try revisions.write(files, of: directory, as: first)
        try revisions.deliver(first)
    }
}

/// The edits of one host that wait.
private actor Deliverer {
    private let source: String
    private let revisions: Revisions
    private var queue: DelayQueue<Revisions.Name>
    /// What the newest revision holds.
    private var newest: [SourceFile]?
    private var number: Int
    private var isDelivering = false

    init(source: String, delay: Duration, revisions: Revisions) {
        self.source = source
        self.revisions = revisions
        let waiting = revisions.waiting()
        queue = DelayQueue(delay: delay, waiting: waiting.map { .init(element: $0, due: $0.due) })
        let last = revisions.all().last
        number = last?.number ?? 0
        newest = last.flatMap {
            try? ManifestScan.asDaemon(below: revisions.directory($0)).files
        }
    }

    /// Keeps what the directory holds now, to be delivered in time; false when that is no news.
    func capture(_ files: [SourceFile]) throws -> Bool {
        guard files != newest else { return false }
        let now = Self.sinceBoot()
        let name = Revisions.Name(number: number + 1, due: queue.due(at: now))
        try revisions.write(files, of: source, as: name)
        queue.append(name, at: now)
        number = name.number
        newest = files
        return true
    }

    /// Delivers each edit that waits when its time has come; returns when none does, or another call does it.
    func deliverAll() async throws {
        guard !isDelivering else { return }
        isDelivering = true
        defer { isDelivering = false }
        while let wait = queue.wait(at: Self.sinceBoot()) {
            if wait > .zero { try await Task.sleep(for: wait) }
            while let name = queue.next(at: Self.sinceBoot()) { try revisions.deliver(name) }
        }
    }

    /// `CLOCK_BOOTTIME`: one clock for all processes, which nobody sets.
    private static func sinceBoot() -> Duration {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
    }
}

/// How long to wait after a change before reading. Pure: the caller passes every instant.
///
/// A change may be the first of many, such as those of a checkout, which are to be one revision; only some time without
/// another one shows that it was not. A file that is renamed into place is complete by itself, and whoever edits so edits
/// one file: for one such file a much shorter time is enough, unless something shows that more may follow.
struct Quiet {
    /// For one file renamed into place. A loop of `mv` in a shell renames a file every 1.2 to 1.6 ms, a loop of
    /// rename(2) or `sed -i` every 0.1 ms.
    static let grace = Duration.milliseconds(2)

    let period: Duration
    private var lastChange: ContinuousClock.Instant?

    init(period: Duration) { self.period = period }

    /// - Parameters:
    ///   - noticed: all since the last scan.
    ///   - isMoreLikely: whether a file is being written, or files were made beside the manifests that may be renamed
    ///     too.
    func pause(after noticed: Noticed, isMoreLikely: Bool, at now: ContinuousClock.Instant) -> Duration {
        // What follows another change within the period belongs to a burst.
        let isAlone = lastChange.map { now - $0 > period } ?? true
        return noticed.isOneReplacement && !isMoreLikely && isAlone ? min(Quiet.grace, period) : period
    }

    /// Notes that what was noticed is read.
    mutating func read(_ noticed: Noticed, at now: ContinuousClock.Instant) {
        if noticed.concernsManifests { lastChange = now }
    }
}

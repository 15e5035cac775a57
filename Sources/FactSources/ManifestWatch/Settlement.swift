/// Decides when a scan is stable enough to publish. Pure: the caller passes every instant.
struct Settlement {
    /// What the loop does after a scan.
    enum Step: Equatable {
        /// Publish this, if it differs from what was published last, and wait for a change.
        case publish(SourceUpdate)
        /// Scan again at that instant.
        case again(ContinuousClock.Instant)
    }

    /// A directory that keeps changing for this long is reported instead of waited for.
    static let patience = Duration.seconds(5)

    let directory: String
    let quietPeriod: Duration
    /// What was published last, with the files that were replaced since.
    private(set) var last: Scan?
    private var candidate: (scan: Scan, since: ContinuousClock.Instant)?
    private var unsettledSince: ContinuousClock.Instant?

    init(directory: String, quietPeriod: Duration) {
        self.directory = directory
        self.quietPeriod = max(quietPeriod, .milliseconds(20))
    }

    /// Whether a file that is still being written is worth waiting for.
    func isPatient(at now: ContinuousClock.Instant) -> Bool {
        unsettledSince.map { now - $0 < Self.patience } ?? true
    }

    /// Decides about a scan. `disturbed`: a notification came while it ran.
    mutating func note(_ scan: Scan, disturbed: Bool, at now: ContinuousClock.Instant) -> Step {
        if disturbed || !scan.changing.isEmpty {
            candidate = nil
            let since = unsettledSince ?? now
            unsettledSince = since
            guard now - since > Self.patience + Self.patience else { return .again(now + quietPeriod) }
            return .publish(
                .unavailable(
                    reason: "\(directory): keeps changing; find out who writes there. Nothing changes until it rests"))
        }
        unsettledSince = nil
        if let last {
            if let directory = scan.remounted(since: last) { return .publish(remounted(directory)) }
            // An absence counts when two scans see it: between the two halves of a non-atomic replacement a file is
            // missing or empty, and its resources would be deleted from the host.
            if !scan.vanished(since: last).isEmpty || !scan.emptied(since: last).isEmpty {
                guard let candidate, candidate.scan.files == scan.files else {
                    candidate = (scan, now)
                    return .again(now + quietPeriod)
                }
                if now - candidate.since < quietPeriod { return .again(candidate.since + quietPeriod) }
            }
        }
        candidate = nil
        last = scan
        return .publish(.snapshot(scan.sourceFiles))
    }

    /// Replaces files of the last scan, when nothing else has changed; none of them is gone or empty.
    mutating func note(_ files: [RelativePath: Scan.File]) {
        candidate = nil
        unsettledSince = nil
        last?.replace(files)
    }

    /// Decides what follows when no scan was possible.
    mutating func note(_ failure: ScanFailure) -> Step {
        candidate = nil
        unsettledSince = nil
        return .publish(.unavailable(reason: failure.reason))
    }

    private func remounted(_ path: RelativePath) -> SourceUpdate {
        .unavailable(
            reason: "\(directory)\(path == .root ? "" : "/" + path.text): was mounted over or unmounted, and manifests "
                + "are missing now; mount it again, or restart wgd to take what is there. Nothing changes until then")
    }
}

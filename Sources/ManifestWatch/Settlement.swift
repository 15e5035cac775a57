/// Decides when a scan may be believed. Pure: every instant comes from outside.
struct Settlement {
    /// What the loop does after a scan.
    enum Step: Equatable {
        /// Hand this out, if it differs from what was handed out last, and rest.
        case publish(SourceUpdate)
        /// Scan again at that instant.
        case again(ContinuousClock.Instant)
    }

    /// Changes without a pause, for so long, are told of instead of waited for.
    static let patience = Duration.seconds(5)

    let directory: String
    let quietPeriod: Duration
    /// What was handed out last, as it is now.
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

    /// Takes a scan in. `disturbed`: a notification came while it ran.
    mutating func accept(_ scan: Scan, disturbed: Bool, at now: ContinuousClock.Instant) -> Step {
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
            // An absence is believed when it is seen twice: between the two halves of a non-atomic replacement a
            // file is missing or empty, and what it held would be deleted from the host.
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

    /// Takes in files of the last scan that are all that has changed; none of them is gone or empty.
    mutating func accept(_ files: [RelativePath: Scan.File]) {
        candidate = nil
        unsettledSince = nil
        last?.replace(files)
    }

    /// Takes in that no scan was possible.
    mutating func accept(_ failure: ScanFailure) -> Step {
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

internal import NetAddress

/// How long Podman's rules of a subnet have been missing, and where a reload did not restore them.
struct RulesAbsence {
    /// The rules of a stopping container are removed a moment before it ends, and Podman reports that later.
    static let patience: Duration = .seconds(1)

    private var since: [CIDR: ContinuousClock.Instant] = [:]
    private var reloaded: Set<CIDR> = []

    /// When all absences will have lasted long enough; nil when none is waited for.
    func due(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        since.filter { !reloaded.contains($0.key) }.values.map { $0 + RulesAbsence.patience }.filter { $0 > now }.max()
    }

    /// - Returns: the subnets to reload for, and whether all of them have been missing long enough. A subnet that a
    ///   reload did not help, because nft does not see its rules, is not reloaded again until it has had some.
    mutating func judge(_ missing: [CIDR], at now: ContinuousClock.Instant) -> ([CIDR], isForGood: Bool) {
        reloaded.formIntersection(missing)
        since = Dictionary(uniqueKeysWithValues: missing.map { ($0, since[$0] ?? now) })
        let waiting = missing.filter { !reloaded.contains($0) }
        return (waiting, waiting.allSatisfy { now - (since[$0] ?? now) >= RulesAbsence.patience })
    }

    mutating func reloaded(for subnets: [CIDR]) { reloaded.formUnion(subnets) }
}

internal import Convergence

/// What a lane has done since the daemon started.
public struct LaneTally: Sendable {
    /// Includes rounds that found nothing to do.
    public private(set) var rounds = 0
    /// Failed observations and failed changes.
    public private(set) var errors = 0
    /// When the last round ended; nil before the first.
    public private(set) var lastEnd: ContinuousClock.Instant?
    public private(set) var lastDuration = Duration.zero

    mutating func add<C>(late outcome: Outcome<C>) { errors += outcome.error == nil ? 0 : 1 }

    mutating func add<O, C>(_ round: Round<O, C>, from start: ContinuousClock.Instant, to end: ContinuousClock.Instant)
    {
        rounds += 1
        errors += (round.observed == nil ? 1 : 0) + round.outcomes.count { $0.error != nil }
        lastEnd = end
        lastDuration = end - start
    }
}

/// Exponential back-off: 1 s, 2 s, 4 s … up to a ceiling. No jitter: hosts do not contend for one server.
public struct Backoff: Sendable {
    public let ceiling: Duration
    private(set) var failures = 0

    public init(ceiling: Duration = .seconds(60)) { self.ceiling = ceiling }

    /// The pause after one more failure.
    public mutating func next() -> Duration {
        let pause = Duration.seconds(1 << min(failures, 20))
        failures += 1
        return min(pause, ceiling)
    }

    public mutating func reset() { failures = 0 }
}

/// Notices a rival: something that undoes the same repairs again and again (fault 17 of the reliability list).
///
/// The first `tolerance` repairs in a row are immediate; each further one waits twice as long as the one before.
public struct RivalGuard: Sendable {
    public let tolerance: Int
    private var repairs = 0
    private var lastRepair: ContinuousClock.Instant?

    public init(tolerance: Int = 5) { self.tolerance = tolerance }

    /// How often the world was repaired without ten quiet seconds between.
    public var repairsInARow: Int { repairs }

    /// Takes note of a repair and answers how long to wait before the next one.
    public mutating func repaired(at now: ContinuousClock.Instant) -> Duration {
        if let lastRepair, now - lastRepair > .seconds(10) + pause { repairs = 0 }
        repairs += 1
        lastRepair = now
        return pause
    }

    private var pause: Duration {
        repairs <= tolerance ? .zero : min(.seconds(30), .milliseconds(500 << min(repairs - tolerance - 1, 10)))
    }
}

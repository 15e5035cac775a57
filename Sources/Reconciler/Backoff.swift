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

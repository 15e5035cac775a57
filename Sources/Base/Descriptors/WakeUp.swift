/// Lets one task sleep until another one wakes it, or until a deadline.
///
/// Wake-ups that come while the task is awake count as one, and end its next sleep at once: none is lost.
public final class WakeUp: Sendable {
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    public init() {
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Never blocks.
    public func wake() { wakeUp.yield() }

    /// Returns when woken, at `deadline`, or when the task is cancelled; after that no sleep lasts any more.
    ///
    /// - Parameter deadline: nil to sleep until woken.
    public func sleep(until deadline: ContinuousClock.Instant? = nil) async {
        // A timer task yields into the same stream, so that one iterator serves both and nothing is lost between.
        let timer = deadline.map { deadline in
            Task { [wakeUp] in
                try await Task.sleep(until: deadline)
                wakeUp.yield()
            }
        }
        defer { timer?.cancel() }
        for await _ in wakeUps { return }
    }

    /// Returns when woken, after `timeout`, or when the task is cancelled; after that no sleep lasts any more.
    public func sleep(atMost timeout: Duration) async { await sleep(until: .now + timeout) }
}

internal import Synchronization

/// Tells any number of watchers that something changed. A watcher that is slow is told once, not once for each change.
public final class ChangeBroadcast: Sendable {
    private struct State {
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextID = 0
        var isFinished = false
    }

    private let state = Mutex(State())

    public init() {}

    /// A stream of its own for each watcher; it ends with `finish()`.
    public func stream() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id: Int? = state.withLock { state in
            guard !state.isFinished else { return nil }
            state.nextID += 1
            state.watchers[state.nextID] = continuation
            return state.nextID
        }
        // Outside the lock: a continuation that ends calls back at once.
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.leave(id) }
        return stream
    }

    public func notify() {
        for watcher in state.withLock({ Array($0.watchers.values) }) { watcher.yield() }
    }

    /// Ends every watch, now and from now on.
    public func finish() {
        let watchers = state.withLock { state in
            state.isFinished = true
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.finish() }
    }

    /// How many watch.
    public var count: Int { state.withLock(\.watchers.count) }

    private func leave(_ id: Int) { state.withLock { _ = $0.watchers.removeValue(forKey: id) } }
}

internal import Descriptors
internal import Synchronization

/// Uses the records, in order, and keeps a disk that hangs from holding up anything else.
///
/// Whoever writes or reads waits for it, for two seconds at most. While that takes longer nobody waits at all: what is
/// written queues up, and is on disk once the disk answers.
final class DiskQueue: Sendable {
    /// How long the network waits for the disk.
    static let patience = Duration.seconds(2)

    private struct State {
        var queued = 0
        /// Whether a write has taken too long, and has not ended since.
        var isBehind = false
    }

    private let state = Mutex(State())
    private let jobs: AsyncStream<@Sendable () async -> Void>.Continuation

    init() {
        let (stream, continuation) = AsyncStream<@Sendable () async -> Void>.makeStream()
        jobs = continuation
        Task { for await job in stream { await job() } }
    }

    deinit { jobs.finish() }

    /// How many writes have not ended.
    var queued: Int { state.withLock(\.queued) }

    /// - Parameter body: must not use the queue itself, which would wait for its own end.
    /// - Returns: what `body` does; nil when the disk does not answer.
    @discardableResult
    func run<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result? {
        let isBehind = state.withLock { state in
            state.queued += 1
            return state.isBehind
        }
        let (results, result) = AsyncStream<Result>.makeStream(bufferingPolicy: .bufferingNewest(1))
        jobs.yield { [self] in
            let value = await body()
            state.withLock { state in
                state.queued -= 1
                if state.queued == 0 { state.isBehind = false }
            }
            result.yield(value)
            result.finish()
        }
        guard !isBehind else { return nil }
        let box = Box<Result>()
        guard await Patience.wait(atMost: DiskQueue.patience, for: { for await found in results { box.put(found) } })
        else {
            state.withLock { $0.isBehind = $0.queued > 0 }
            return nil
        }
        return box.take()
    }

    private final class Box<Value: Sendable>: Sendable {
        private let value = Mutex<Value?>(nil)
        func put(_ new: Value) { value.withLock { $0 = new } }
        func take() -> Value? { value.withLock { $0.take() } }
    }

    /// Waits until everything is written, or gives up.
    func drain(atMost limit: Duration) async {
        let (ends, end) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        jobs.yield { end.finish() }
        _ = await Patience.wait(atMost: limit) { for await _ in ends {} }
    }
}

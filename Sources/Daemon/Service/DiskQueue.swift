internal import Descriptors
internal import Synchronization

/// Uses the records, in order, and prevents a disk that hangs from blocking anything else.
///
/// A caller waits for the disk for at most two seconds. Once a write takes longer, no caller waits at all: writes are
/// queued until the disk answers.
final class DiskQueue: Sendable {
    /// How long the network waits for the disk.
    static let patience = Duration.seconds(2)

    private struct State {
        var queued = 0
        /// Whether a write took too long and the queue has not been emptied since.
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

    /// The number of writes that have not ended.
    var queued: Int { state.withLock(\.queued) }

    /// - Parameter body: must not use the queue itself, which would deadlock.
    /// - Returns: the result of `body`; nil when the disk does not answer.
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

    /// Waits until everything is written, at most for `limit`.
    func drain(atMost limit: Duration) async {
        let (ends, end) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        jobs.yield { end.finish() }
        _ = await Patience.wait(atMost: limit) { for await _ in ends {} }
    }
}

internal import Synchronization

/// Hands each value to every stream that is being read; a slow reader keeps the newest ones.
final class Broadcast<Value: Sendable>: Sendable {
    private let readers = Mutex<(next: Int, continuations: [Int: AsyncStream<Value>.Continuation])>((0, [:]))
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// - Parameter onEnd: Called once nobody reads the stream any more.
    func stream(onEnd: @escaping @Sendable () -> Void = {}) -> AsyncStream<Value> {
        let (stream, continuation) = AsyncStream<Value>.makeStream(bufferingPolicy: .bufferingNewest(limit))
        let number = readers.withLock { readers in
            readers.next += 1
            readers.continuations[readers.next] = continuation
            return readers.next
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.readers.withLock { $0.continuations.removeValue(forKey: number) }
            onEnd()
        }
        return stream
    }

    func send(_ value: Value) {
        // Outside the lock: a continuation may call `onTermination`.
        for continuation in readers.withLock({ Array($0.continuations.values) }) { continuation.yield(value) }
    }
}

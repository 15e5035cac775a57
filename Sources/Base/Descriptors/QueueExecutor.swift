public import Dispatch

/// Runs an actor on a serial queue of its own, so that its blocking calls never hold a thread of the cooperative pool.
///
///     actor Store {
///         private let executor = QueueExecutor(label: "store")
///         nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
///     }
public final class QueueExecutor: SerialExecutor {
    fileprivate let queue: DispatchQueue

    /// - Parameter label: shown by debuggers.
    public init(label: String, qos: DispatchQoS = .userInitiated) {
        queue = DispatchQueue(label: label, qos: qos)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Traps when the caller is not on the queue; `assumeIsolated` asks.
    public func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}

extension QueueExecutor {
    /// Makes one blocking call on the queue.
    ///
    /// - Throws: what the call throws.
    public func run<Result: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Swift.Result { () throws(Failure) in try body() }) }
        }.get()
    }
}

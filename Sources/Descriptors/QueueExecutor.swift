public import Dispatch

/// Runs an actor on a serial queue of its own, so that its blocking calls never hold a thread of the cooperative pool.
///
///     actor Store {
///         private let executor = QueueExecutor(label: "store")
///         nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
///     }
public final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

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

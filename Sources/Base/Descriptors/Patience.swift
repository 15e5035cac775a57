internal import Synchronization

/// Waits for something for a while, and lets it go on when that is over.
public enum Patience {
    /// Cancelling the task ends neither `body` nor the wait for it.
    ///
    /// - Parameters:
    ///   - limit: how long to wait.
    ///   - body: runs to its end in any case.
    /// - Returns: whether it ended in time.
    public static func wait(atMost limit: Duration, for body: @escaping @Sendable () async -> Void) async -> Bool {
        await withCheckedContinuation { continuation in
            let end = Ending(continuation)
            let timer = Task {
                try await Task.sleep(for: limit)
                end.resume(returning: false)
            }
            Task {
                await body()
                timer.cancel()
                end.resume(returning: true)
            }
        }
    }

    /// Resumes the one who waits, once.
    private final class Ending: Sendable {
        private let waiting: Mutex<CheckedContinuation<Bool, Never>?>

        init(_ continuation: CheckedContinuation<Bool, Never>) { waiting = Mutex(continuation) }

        func resume(returning isDone: Bool) { waiting.withLock { $0.take() }?.resume(returning: isDone) }
    }
}

internal import Dispatch
public import Testing

/// Runs tests that block, on system calls and child processes, on threads outside the cooperative pool, which has as
/// many threads as the machine has cores: two such tests would stall every other on a small machine.
public struct OwnThreads: SuiteTrait, TestTrait, TestScoping {
    public let isRecursive = true

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ThreadsExecutor.shared) { try await function() }
    }
}

extension Trait where Self == OwnThreads {
    /// See `OwnThreads`.
    public static var ownThreads: OwnThreads { OwnThreads() }
}

/// As many threads as there are jobs.
private final class ThreadsExecutor: TaskExecutor {
    static let shared = ThreadsExecutor()
    private let queue = DispatchQueue(label: "tests that block", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

internal import Dispatch
internal import Foundation
internal import Synchronization
public import Testing

/// Runs tests that block, on system calls and child processes, or compute for seconds, on threads outside the cooperative pool, which has as
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

/// A thread for each job: Dispatch's own threads are as few as the pool's while they are blocked.
///
/// One thread makes them all: a thread has the namespaces of the one that made it, and a job is often handed in by a
/// thread that is inside a test's host.
private final class ThreadsExecutor: TaskExecutor {
    static let shared = ThreadsExecutor()
    private let jobs: Mutex<[UnownedJob]> = Mutex([])
    private let arrived = DispatchSemaphore(value: 0)

    private init() {
        Thread.detachNewThread { [self] in
            while true {
                arrived.wait()
                guard let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { continue }
                let thread = Thread { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
                thread.stackSize = 8 << 20
                thread.start()
            }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        arrived.signal()
    }
}

internal import CLinux
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Runs an actor on one thread of its own, for work that depends on the thread and not only on the process.
///
/// A new thread inherits the network namespace of the thread that makes it, and `/proc/sys/net` shows the namespace of
/// the thread that opens it. So an actor whose executor was made inside a namespace works in it for good.
/// The thread ends when the executor is released.
public final class ThreadExecutor: SerialExecutor {
    private let jobs: Jobs

    /// - Throws: `SystemError` when no thread can be made.
    public init() throws(SystemError) {
        jobs = Jobs()
        let argument = Unmanaged.passRetained(jobs)
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Jobs>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            throw SystemError(code: code, operation: "make a thread")
        }
    }

    deinit { jobs.stop() }

    public func enqueue(_ job: consuming ExecutorJob) {
        jobs.append(UnownedJob(job), on: asUnownedSerialExecutor())
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}

/// What the thread waits for. It outlives the executor, whose last reference may be dropped on the thread itself.
private final class Jobs: Sendable {
    private enum Work {
        case job(UnownedJob, UnownedSerialExecutor)
        case stop
    }

    private let queue = Mutex<[Work]>([])
    private let available = DispatchSemaphore(value: 0)

    func append(_ job: UnownedJob, on executor: UnownedSerialExecutor) {
        queue.withLock { $0.append(.job(job, executor)) }
        available.signal()
    }

    func stop() {
        queue.withLock { $0.append(.stop) }
        available.signal()
    }

    func run() {
        while true {
            available.wait()
            switch queue.withLock({ $0.removeFirst() }) {
            case .job(let job, let executor): job.runSynchronously(on: executor)
            case .stop: return
            }
        }
    }
}

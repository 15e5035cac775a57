internal import Descriptors
internal import Synchronization

/// Uses the records, in order, and prevents a disk that hangs from blocking anything else.
///
/// A caller waits for the disk for at most two seconds. Once a write takes longer, no caller waits at all: writes are
/// queued until the disk answers.
final class DiskQueue: Sendable {
    /// How long the network waits for the disk.
    static let patience = Duration.seconds(2)
    private static let retryInterval = Duration.seconds(3)

    private struct State {
        var queued = 0
        /// Whether a write took too long and the queue has not been emptied since.
        var isBehind = false
        /// What is not on disk, by what it is.
        var unwritten: [String: Unwritten] = [:]
        var number = 0
        var isRetrying = false
        var isStopped = false
    }

    private struct Unwritten {
        var number: Int
        var write: @Sendable () async throws -> Void
        /// Why the last attempt failed; nil when none has.
        var reason: String?
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

    /// Writes what its newest version replaces. One that fails is tried again every few seconds until it is on disk.
    ///
    /// - Parameters:
    ///   - what: names it: `the last good manifests`.
    ///   - write: writes it as it is when it runs; must not use the queue itself.
    /// - Returns: why it is not on disk yet; nil when it is.
    @discardableResult
    func keep(_ what: String, _ write: @escaping @Sendable () async throws -> Void) async -> String? {
        state.withLock { state in
            state.number += 1
            state.unwritten[what] = Unwritten(
                number: state.number, write: write, reason: state.unwritten[what]?.reason)
        }
        if let result = await run({ [self] in await flush(what) }) { return result }
        return "the disk does not answer"
    }

    /// Writes what replaces all of these, in one turn: no later attempt at one of them overwrites it. Waits for the disk
    /// as long as it takes, and changes nothing if the write fails.
    func replace(_ names: [String], _ write: @escaping @Sendable () async throws -> Void) async throws {
        let outcome = await withCheckedContinuation { continuation in
            jobs.yield { [self] in
                do {
                    try await write()
                    state.withLock { state in for name in names { state.unwritten[name] = nil } }
                    continuation.resume(returning: Result<Void, any Error>.success(()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        try outcome.get()
    }

    /// What could not be written yet, with the reason.
    var failures: [String: String] { state.withLock { $0.unwritten.compactMapValues(\.reason) } }

    private func flush(_ what: String) async -> String? {
        guard let kept = state.withLock({ $0.isStopped ? nil : $0.unwritten[what] }) else { return nil }
        do {
            try await kept.write()
        } catch {
            state.withLock { $0.unwritten[what]?.reason = "\(error)" }
            retryLater()
            return "\(error)"
        }
        state.withLock { state in
            if state.unwritten[what]?.number == kept.number {
                state.unwritten[what] = nil
            } else {
                state.unwritten[what]?.reason = nil
            }
        }
        return nil
    }

    private func retryLater() {
        let isFirst = state.withLock { state in
            defer { state.isRetrying = true }
            return !state.isRetrying
        }
        guard isFirst else { return }
        Task { [weak self] in
            try? await Task.sleep(for: DiskQueue.retryInterval)
            guard let self else { return }
            let names = state.withLock { state in
                state.isRetrying = false
                return state.unwritten.keys.sorted()
            }
            for name in names { jobs.yield { _ = await self.flush(name) } }
        }
    }

    /// Writes nothing any more: another queue writes the same records from now on.
    func stop() { state.withLock { $0.isStopped = true } }

    /// Waits until everything is written, at most for `limit`.
    func drain(atMost limit: Duration) async {
        let (ends, end) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        jobs.yield { end.finish() }
        _ = await Patience.wait(atMost: limit) { for await _ in ends {} }
    }
}

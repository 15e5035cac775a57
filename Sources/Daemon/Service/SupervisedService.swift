internal import Reconciler
internal import ServiceLifecycle

/// A part of the daemon that runs for as long as the daemon does.
///
/// A service that fails or ends is reported and restarted with back-off, and ends nothing else (invariant I8): a
/// control socket that cannot be created must not cost the host its network. Stopping the daemon cancels it.
struct SupervisedService: Service {
    /// Longest pause before a restart: short for an operator who has removed the cause, and a failed start costs
    /// little.
    static let ceiling: Duration = .seconds(10)

    let name: String
    let health: ServiceHealth
    /// Waits before the next start; tests replace it.
    var pause: @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    /// Runs until it is cancelled. It calls its argument once it works, if it can know; otherwise it counts as working
    /// after it has run for longer than the longest pause.
    let body: @Sendable (_ works: @escaping @Sendable () -> Void) async throws -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown { await supervise() }
    }

    /// Returns when the task is cancelled.
    func supervise() async {
        var backoff = Backoff(ceiling: Self.ceiling)
        while !Task.isCancelled {
            let began = ContinuousClock.now
            let reason = await runOnce()
            // Cancellation is how it is stopped, so its error does not matter.
            if Task.isCancelled { return }
            if ContinuousClock.now - began > Self.ceiling { backoff.reset() }
            await health.failed(name, reason)
            await pause(backoff.next())
        }
    }

    /// Why the service failed or ended.
    private func runOnce() async -> String {
        let works = { @Sendable [health, name] in
            _ = Task { await health.works(name) }
        }
        let steady = Task {
            try await Task.sleep(for: Self.ceiling)
            works()
        }
        defer { steady.cancel() }
        do {
            try await body(works)
            return "it ended"
        } catch {
            return "\(error)"
        }
    }
}

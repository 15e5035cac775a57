internal import Dispatch

/// Runs blocking work on a thread outside the cooperative pool, which is as narrow as the machine has cores.
func offPool<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
}

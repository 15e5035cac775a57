/// Work that is requested more often than it is worth doing: it takes at most a twentieth of the time.
///
/// Requests made while it runs or rests are served by one run afterwards.
actor PacedTask {
    private let body: @Sendable () async -> Void
    private var earliest = ContinuousClock.now
    private var isPending = false

    init(_ body: @escaping @Sendable () async -> Void) { self.body = body }

    /// Returns at once.
    func request() {
        guard !isPending else { return }
        isPending = true
        Task { await runOnce() }
    }

    private func runOnce() async {
        try? await Task.sleep(until: earliest)
        isPending = false
        let start = ContinuousClock.now
        await body()
        let end = ContinuousClock.now
        // A disk that hung for long is no reason to rest for longer.
        earliest = end + min((end - start) * 19, .seconds(30))
    }
}

/// At most so many probes in any second, wherever that second begins. Pure.
struct SendWindow {
    static let limit = 50
    static let length = Duration.seconds(1)

    /// When the last `limit` probes were sent; `next` is the place of the oldest.
    private var sent: [ContinuousClock.Instant] = []
    private var next = 0

    /// When the next probe may be sent; nil for at any time.
    var opensAt: ContinuousClock.Instant? {
        sent.count < SendWindow.limit ? nil : sent[next] + SendWindow.length
    }

    func isOpen(at now: ContinuousClock.Instant) -> Bool { opensAt.map { $0 <= now } ?? true }

    mutating func note(at now: ContinuousClock.Instant) {
        if sent.count < SendWindow.limit {
            sent.append(now)
        } else {
            sent[next] = now
            next = (next + 1) % SendWindow.limit
        }
    }
}

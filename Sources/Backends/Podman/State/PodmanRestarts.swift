public import HostState

/// Finds the containers that Podman restarts continuously: those of earlier releases have a restart policy, with which
/// Podman starts them again without any pause, 16 times a second at worst. It cannot be taken from them.
struct PodmanRestarts: Sendable {
    /// As many restarts as this count, each at most `period` after the one before on average.
    static let limit = 5
    static let period = Duration.seconds(2)

    private struct Count {
        var id: String
        var restarts: Int
        var at: ContinuousClock.Instant
    }

    private var counts: [String: Count] = [:]
    /// By name.
    private(set) var looping: Set<String> = []

    mutating func observe(_ containers: [String: ObservedContainer], at now: ContinuousClock.Instant) {
        counts = counts.filter { containers[$0.key]?.id == $0.value.id }
        looping = []
        for (name, container) in containers {
            let new = Count(id: container.id, restarts: container.restartCount, at: now)
            guard let before = counts[name], before.restarts <= new.restarts else {
                counts[name] = new
                continue
            }
            let restarts = new.restarts - before.restarts
            let isLooping = restarts >= Self.limit && now - before.at <= Self.period * restarts
            if isLooping { looping.insert(name) }
            if isLooping || now - before.at > Self.period * Self.limit { counts[name] = new }
        }
    }
}

extension ObservedContainer {
    /// Whether it has been running for longer than one that is restarted continuously does.
    ///
    /// - Parameter now: seconds since the epoch.
    public func hasRecovered(at now: Double) -> Bool { isLive && startedAt > 0 && now - Double(startedAt) > 3 }
}

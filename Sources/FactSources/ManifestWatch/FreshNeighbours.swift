/// Files that appeared beside the manifests a moment ago and are still there: half of a burst of renames may be to come.
/// Pure.
struct FreshNeighbours {
    /// A file that is there for longer is no temporary one.
    static let age = Duration.seconds(1)
    /// More are not remembered, but count.
    static let limit = 256

    private var seen: [Notifications.WrittenFile: ContinuousClock.Instant] = [:]
    private var surplusUntil: ContinuousClock.Instant?

    mutating func note(_ file: Notifications.WrittenFile, isGone: Bool, at now: ContinuousClock.Instant) {
        if isGone {
            seen[file] = nil
        } else if seen.count < FreshNeighbours.limit || seen[file] != nil {
            seen[file] = now
        } else {
            seen = seen.filter { now - $0.value < FreshNeighbours.age }
            if seen.count >= FreshNeighbours.limit {
                surplusUntil = now + FreshNeighbours.age
            } else {
                seen[file] = now
            }
        }
    }

    func areThere(at now: ContinuousClock.Instant) -> Bool {
        surplusUntil.map { now < $0 } ?? false || seen.values.contains { now - $0 < FreshNeighbours.age }
    }
}

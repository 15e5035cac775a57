/// How many of the latest probes of peers that answered before were lost, as a moving average. Pure.
struct RecentLoss {
    private static let weight = 1.0 / 32
    private var share = 0.0

    /// Most of them: that is no lost packet here and there, and to confirm each miss would take too long.
    var isOutage: Bool { share > 0.5 }

    mutating func note(isLost: Bool) { share += ((isLost ? 1 : 0) - share) * RecentLoss.weight }
}

/// Spreads packets over time, whoever sends them: no check makes a flood, however many paths it has.
actor Pace {
    /// 2,000 packets a second.
    static let interval: Duration = .microseconds(500)

    private var next = ContinuousClock.now

    /// Waits until one more packet may go out.
    func wait() async {
        let slot = max(next, .now)
        next = slot + Pace.interval
        try? await Task.sleep(until: slot)
    }
}

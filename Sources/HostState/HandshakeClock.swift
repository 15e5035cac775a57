/// The time by which the age of handshakes is judged: WireGuard stamps them with the wall clock, which can jump.
public struct HandshakeClock: Hashable, Sendable {
    /// Seconds since the epoch.
    public var now: Int64
    /// The current time without the jumps of the last `sessionLifetime`, for stamps from before a jump. nil without a
    /// jump.
    public var unjumped: Int64?

    /// Seconds after which WireGuard ends a session (REJECT_AFTER_TIME, WireGuard white paper, section 6).
    public static let sessionLifetime: Int64 = 180
    /// Seconds by which a time daemon may set the wall clock without it counting as a jump.
    public static let tolerance: Int64 = 5

    public init(now: Int64, unjumped: Int64? = nil) {
        self.now = now
        self.unjumped = unjumped
    }

    /// Whether a session of that handshake can still be alive; never for 0, and not for one in the future, which is
    /// from before the clock went back.
    public func isFresh(_ handshake: Int64) -> Bool {
        guard handshake > 0 else { return false }
        return [now, unjumped].contains { now in
            now.map { (-HandshakeClock.tolerance...HandshakeClock.sessionLifetime).contains($0 - handshake) } ?? false
        }
    }
}

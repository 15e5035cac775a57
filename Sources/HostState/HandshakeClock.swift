/// What time it is, to tell the age of handshakes by: WireGuard stamps them with the wall clock, which can jump.
public struct HandshakeClock: Hashable, Sendable {
    /// Seconds since the epoch.
    public var now: Int64
    /// What it would be now without a jump of the last `sessionLifetime`: older stamps are of that time. nil when there
    /// was no jump.
    public var unjumped: Int64?

    /// Seconds after which WireGuard gives a session up (REJECT_AFTER_TIME, WireGuard white paper, section 6).
    public static let sessionLifetime: Int64 = 180
    /// Seconds that the wall clock may be set by, as time daemons do, without that being a jump.
    public static let tolerance: Int64 = 5

    public init(now: Int64, unjumped: Int64? = nil) {
        self.now = now
        self.unjumped = unjumped
    }

    /// Whether a session of that handshake can still live; never for 0, and not for one in the future, which is from
    /// before the clock went back.
    public func isFresh(_ handshake: Int64) -> Bool {
        guard handshake > 0 else { return false }
        return [now, unjumped].contains { now in
            now.map { (-HandshakeClock.tolerance...HandshakeClock.sessionLifetime).contains($0 - handshake) } ?? false
        }
    }
}

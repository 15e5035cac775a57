internal import Glibc
internal import HostState
internal import Synchronization

/// The wall clock, checked for jumps against a clock that never jumps, which the daemon uses for all other measurements
/// of time.
final class HostClock: Sendable {
    private let jumps = Mutex(ClockJumps())

    /// The current time; notes a jump since the last reading.
    func read() -> HandshakeClock {
        let (wall, steady) = (HostClock.milliseconds(CLOCK_REALTIME), HostClock.milliseconds(CLOCK_BOOTTIME))
        return jumps.withLock { $0.read(wall: wall, steady: steady) }
    }

    /// The jumps not reported yet, in milliseconds: below 0 when the clock went back.
    func untold() -> [Int64] {
        _ = read()
        return jumps.withLock { $0.takeUntold() }
    }

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// Finds jumps in readings of two clocks. Pure; all in milliseconds.
struct ClockJumps {
    private var last: (wall: Int64, steady: Int64)?
    /// By how much the clock has jumped within the last lifetime of a session, and when it last did.
    private var recent: (by: Int64, at: Int64)?
    private var untold: [Int64] = []

    mutating func read(wall: Int64, steady: Int64) -> HandshakeClock {
        if let recent, steady - recent.at > HandshakeClock.sessionLifetime * 1000 { self.recent = nil }
        if let last {
            let jump = (wall - last.wall) - (steady - last.steady)
            if abs(jump) > HandshakeClock.tolerance * 1000 {
                recent = ((recent?.by ?? 0) + jump, steady)
                untold.append(jump)
            }
        }
        // Compared with the previous reading only: the gradual corrections of a time daemon are no jump.
        last = (wall, steady)
        return HandshakeClock(now: wall / 1000, unjumped: recent.map { (wall - $0.by) / 1000 })
    }

    mutating func takeUntold() -> [Int64] {
        defer { untold = [] }
        return untold
    }
}

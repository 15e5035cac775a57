import HostState
import Testing

@testable import Daemon

/// Readings in milliseconds: the wall clock, and the one that never jumps.
@Suite struct HostClockTests {
    private static let start: Int64 = 1_800_000_000_000

    @Test func aClockThatGoesOnOrIsNudgedDoesNotJump() {
        var jumps = ClockJumps()
        for second in Int64(0)..<100 {
            // A time daemon takes 40 ms a second away: 4 s in all.
            let clock = jumps.read(wall: Self.start + second * 960, steady: second * 1000)
            #expect(clock == HandshakeClock(now: (Self.start + second * 960) / 1000))
        }
        #expect(jumps.takeUntold() == [])
    }

    @Test(arguments: [3_600_000, -3_600_000] as [Int64])
    func aJumpIsToldOnceAndRememberedForAsLongAsASessionLives(jump: Int64) {
        var jumps = ClockJumps()
        _ = jumps.read(wall: Self.start, steady: 0)
        let handshake = Self.start / 1000 - 100
        let clock = jumps.read(wall: Self.start + jump + 1000, steady: 1000)
        #expect(clock.unjumped == Self.start / 1000 + 1)
        #expect(clock.isFresh(handshake), "a session of before the jump still lives")
        #expect(clock.isFresh(clock.now - 1), "and so does one of after it")
        #expect(!clock.isFresh(handshake - 100) && !clock.isFresh(0))
        #expect(jumps.takeUntold() == [jump])

        let later = jumps.read(wall: Self.start + jump + 182_000, steady: 182_000)
        #expect(later == HandshakeClock(now: (Self.start + jump) / 1000 + 182))
        #expect(!later.isFresh(handshake), "from before the jump: old, or in the future")
        #expect(jumps.takeUntold() == [])
    }

    @Test func jumpsThereAndBackCancelOut() {
        var jumps = ClockJumps()
        _ = jumps.read(wall: Self.start, steady: 0)
        _ = jumps.read(wall: Self.start + 86_400_000, steady: 0)
        let clock = jumps.read(wall: Self.start + 2000, steady: 2000)
        #expect(clock == HandshakeClock(now: Self.start / 1000 + 2, unjumped: Self.start / 1000 + 2))
        #expect(jumps.takeUntold() == [86_400_000, -86_400_000])
    }
}

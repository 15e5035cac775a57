import Descriptors
import Synchronization
import Testing

@Suite struct PatienceTests {
    @Test func whatEndsInTimeIsWaitedFor() async {
        let isDone = Flag()
        #expect(await Patience.wait(atMost: .seconds(600)) { isDone.raise() })
        #expect(isDone.isRaised)
    }

    @Test func whatTakesLongerGoesOn() async {
        let (ends, continuation) = AsyncStream<Void>.makeStream()
        let (starts, start) = AsyncStream<Void>.makeStream()
        let isInTime = await Patience.wait(atMost: .milliseconds(10)) {
            for await _ in starts { break }
            continuation.yield()
        }
        #expect(!isInTime)
        start.yield()
        for await _ in ends { break }
    }

    /// What is written ahead is on disk before the next step, though the daemon stops.
    @Test func cancellingEndsNoWait() async {
        let isDone = Flag()
        let (starts, start) = AsyncStream<Void>.makeStream()
        let task = Task {
            await Patience.wait(atMost: .seconds(600)) {
                for await _ in starts { break }
                isDone.raise()
            }
        }
        task.cancel()
        start.yield()
        #expect(await task.value)
        #expect(isDone.isRaised)
    }
}

private final class Flag: Sendable {
    private let state = Mutex(false)
    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}

import Descriptors
import Testing

@Suite(.timeLimit(.minutes(1))) struct WakeUpTests {
    @Test func wakeUpsWhileAwakeEndTheNextSleepAlone() async {
        let wakeUp = WakeUp()
        wakeUp.wake()
        wakeUp.wake()
        await wakeUp.sleep()
        #expect(await duration { await wakeUp.sleep(atMost: .milliseconds(50)) } >= .milliseconds(50))
    }

    @Test func aSleeperIsWoken() async {
        let wakeUp = WakeUp()
        let start = ContinuousClock.now
        Task {
            try await Task.sleep(for: .milliseconds(20))
            wakeUp.wake()
        }
        await wakeUp.sleep(atMost: .seconds(50))
        #expect(.now - start < .seconds(40))
    }

    /// Otherwise the deadline of one sleep would end a later one.
    @Test func aDeadlineEndsWithItsSleep() async throws {
        let wakeUp = WakeUp()
        wakeUp.wake()
        await wakeUp.sleep(atMost: .milliseconds(100))
        #expect(await duration { await wakeUp.sleep(atMost: .milliseconds(400)) } >= .milliseconds(400))
    }

    @Test func cancellingEndsTheSleep() async {
        let wakeUp = WakeUp()
        let sleeper = Task { await wakeUp.sleep() }
        sleeper.cancel()
        await sleeper.value
    }

    private func duration(_ body: () async -> Void) async -> Duration {
        let start = ContinuousClock.now
        await body()
        return .now - start
    }
}

import TestSupport
import Testing

/// Sets the clock: only in the virtual machine of scripts/test-vm, whose clock is nobody else's.
@Suite(.serialized) struct VirtualMachineClockTests {
    @Test func aClockThatJumpsChangesNothingAndIsTold() async throws {
        try await Fleet.with(by: .kernel) { fleet in
            let (near, far) = (fleet.hosts[0], fleet.hosts[1])
            try await fleet.start()
            let writes = try await near.settled()
            try await near.losesNothing(to: far) {
                for (step, words) in [("+1 day", "went forward by"), ("-2 days", "went back by")] {
                    try shell("date -s \"$(date -d 'now \(step)')\"")
                    try await waitUntil("the jump is told") {
                        (try? await near.wgctl("events").contains(words)) ?? false
                    }
                    // Timers go on: at least two more resyncs, and handshakes of another day are no reason to write.
                    #expect(try await near.settled() == writes)
                }
            }
            // A daemon that was down meanwhile sees it by the last sign of life of the one before.
            try await near.kill()
            try shell("date -s \"$(date -d 'now -3 hours')\"")
            try await near.start()
            try await waitUntil("the jump is told") {
                (try? await near.wgctl("events").contains("went back by 10")) ?? false
            }
            // A handshake dated before the last one is refused as a replay: should the session have ended meanwhile, the
            // next one needs a clock that has caught up.
            try shell("date -s \"$(date -d 'now +2 days')\"")
            try await near.reaches(far)
        }
    }
}

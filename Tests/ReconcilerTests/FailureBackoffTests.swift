import Convergence
import HostState
import NetAddress
import NetworkState
import PodmanState
import Testing

@testable import Reconciler

private func route(_ last: UInt32, dev interface: String = "wg0") -> KernelChange {
    .addRoute(DesiredRoute(destination: IPAddress(v4: 0x0a00_0000 + last).hostCIDR, interface: interface))
}

private func set(_ changes: KernelChange...) -> ChangeSet<KernelChange> {
    var set = ChangeSet<KernelChange>()
    set.changes = changes
    return set
}

@Suite struct FailureBackoffTests {
    private let begin = ContinuousClock.now

    /// Fails whenever it may; how long each attempt comes after the one before.
    private func pauses(_ count: Int, of change: KernelChange, _ backoff: inout FailureBackoff<KernelChange>)
        -> [Duration]
    {
        var now = begin
        return (0..<count).map { _ in
            let last = now
            let (held, failing) = backoff.postpone(set(change), wanted: 1, at: now)
            if held.changes.isEmpty {
                #expect(failing.map(\.error) == ["refused"] && backoff.nextDue != nil)
                now = backoff.nextDue ?? now
            }
            #expect(backoff.postpone(set(change), wanted: 1, at: now).changeSet == set(change))
            backoff.note([Outcome(change, error: "refused")], wanted: 1, at: now)
            return now - last
        }
    }

    @Test func pausesDoubleUpToHalfAMinute() {
        var backoff = FailureBackoff<KernelChange>()
        let seconds = [0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30]
        #expect(pauses(seconds.count, of: route(20), &backoff) == seconds.map { .seconds($0) })
    }

    @Test func anEditIsTriedOnceAtOnceAndOthersAreNotDelayed() {
        var backoff = FailureBackoff<KernelChange>()
        _ = pauses(8, of: route(20), &backoff)
        // The last attempt was after 15 s, and the next is due 16 s after it.
        let later = begin + .seconds(20)
        #expect(backoff.postpone(set(route(20), route(21)), wanted: 1, at: later).changeSet == set(route(21)))
        #expect(backoff.postpone(set(route(20)), wanted: 2, at: later).changeSet == set(route(20)))
        backoff.note([Outcome(route(20), error: "refused")], wanted: 2, at: later)
        #expect(backoff.postpone(set(route(20)), wanted: 2, at: later).changeSet.changes.isEmpty)
    }

    @Test func whatSucceedsOrIsNoLongerWantedIsForgotten() {
        var backoff = FailureBackoff<KernelChange>()
        for change in [route(20), route(21)] { _ = pauses(8, of: change, &backoff) }
        backoff.note([Outcome(route(20))], wanted: 1, at: begin)
        #expect(backoff.postpone(set(route(20)), wanted: 1, at: begin).changeSet == set(route(20)))
        #expect(
            backoff.postpone(set(route(21)), wanted: 1, at: begin).changeSet == set(route(21)), "it was not among them")
    }

    /// What is held back by somebody else, or left out because only a part is looked at, still fails.
    @Test func whatIsNotLookedAtIsNotForgotten() {
        var backoff = FailureBackoff<KernelChange>()
        _ = pauses(8, of: route(20), &backoff)
        _ = backoff.postpone(set(route(21)), isWhole: false, wanted: 1, at: begin)
        var held = set(route(21))
        held.waiting = [WaitingChange(route(20), reason: "waiting for Podman")]
        _ = backoff.postpone(held, wanted: 1, at: begin)
        #expect(backoff.postpone(set(route(20)), wanted: 1, at: begin).changeSet.changes.isEmpty)
    }

    @Test func whatHangsOnALinkWaitsWithItAndComesWithIt() {
        let link = KernelChange.createLink(DesiredLink(name: "wg0", kind: .bridge, alias: "wgctl:net"))
        var backoff = FailureBackoff<KernelChange>()
        for _ in 0..<6 {
            backoff.note([Outcome(link, error: "refused"), Outcome(route(20), error: "no link")], wanted: 1, at: begin)
        }
        let (held, failing) = backoff.postpone(
            set(link, route(20), route(21), route(22, dev: "wg1")), wanted: 1, at: begin)
        #expect(held.changes == [route(22, dev: "wg1")])
        #expect(held.waiting == [WaitingChange(route(21), reason: "waiting for link wg0")])
        #expect(failing.map(\.change) == [link, route(20)])
        backoff.note([Outcome(link)], wanted: 1, at: begin)
        #expect(backoff.postpone(set(route(20)), wanted: 1, at: begin).changeSet == set(route(20)))
    }

    /// The old way stays until the new one is there (`Prerequisites`): what waits is as good as failed for what follows.
    @Test func whatWouldLeaveAHoleWaits() {
        let old = ObservedRoute(
            destination: CIDR(containing: IPAddress(v4: 0x0a00_0014), prefixLength: 24), interface: "wg1",
            protocolNumber: 87, metric: 0)
        var backoff = FailureBackoff<KernelChange>()
        for _ in 0..<6 { backoff.note([Outcome(route(20), error: "refused")], wanted: 1, at: begin) }
        let removal = KernelChange.deleteRoute(old)
        let (held, _) = backoff.postpone(set(route(20), removal), wanted: 1, at: begin)
        #expect(held.changes.isEmpty && held.waiting.map(\.change) == [removal])
    }

    @Test func severalStepsOfOneObjectAreOneFailure() {
        var backoff = FailureBackoff<KernelChange>()
        for _ in 0..<FailurePause.tolerance {
            let both = [Outcome(route(20), error: "refused"), Outcome(route(20), error: "refused")]
            backoff.note(both, wanted: 1, at: begin)
        }
        #expect(backoff.postpone(set(route(20)), wanted: 1, at: begin).changeSet == set(route(20)))
    }

    /// Nothing on the host can bring another end.
    @Test func whatCannotBeRetriedWaitsForAnotherManifest() {
        var backoff = FailureBackoff<KernelChange>()
        let failure = Failure("no such key", canRetry: false)
        backoff.note([Outcome(route(20), failure: failure)], wanted: 1, at: begin)
        #expect(backoff.nextDue == nil)
        for later in [Duration.zero, .seconds(3600)] {
            let (held, failing) = backoff.postpone(set(route(20), route(21)), wanted: 1, at: begin + later)
            #expect(held.changes == [route(21)] && failing.map(\.failure) == [failure])
        }
        #expect(backoff.postpone(set(route(20)), wanted: 2, at: begin).changeSet == set(route(20)))
    }

    /// A removal that is under way is in no set of changes.
    @Test func whatIsUnderWayIsNotForgotten() {
        let removal = PodmanChange.removeContainer(name: "a", id: "1", timeout: 10)
        var set = ChangeSet<PodmanChange>()
        set.changes = [removal]
        let begin = ContinuousClock.now
        for isUnderWay in [true, false] {
            var backoff = FailureBackoff<PodmanChange>()
            for _ in 0..<10 { backoff.note([Outcome(removal, error: "refused")], wanted: 0, at: begin) }
            _ = backoff.postpone(
                ChangeSet<PodmanChange>(), underWay: isUnderWay ? [removal.object] : [], wanted: 0, at: begin)
            #expect(backoff.postpone(set, wanted: 0, at: begin).failing.count == (isUnderWay ? 1 : 0))
        }
    }
}

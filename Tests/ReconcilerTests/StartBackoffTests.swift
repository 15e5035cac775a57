import Convergence
import HostState
import PodmanState
import Testing

@testable import Reconciler

private func start(_ name: String) -> PodmanChange {
    .startContainer(DesiredContainer(name: name, node: "host-a", image: "x"), id: name)
}

/// The changes of one round that would start these containers.
private func starts(_ names: String...) -> ChangeSet<PodmanChange> {
    var set = ChangeSet<PodmanChange>()
    set.changes = names.map(start)
    return set
}

@Suite struct StartBackoffTests {
    private let begin = ContinuousClock.now

    @Test func pausesDoubleFromTenSecondsToFiveMinutes() {
        var backoff = StartBackoff()
        backoff.started("a", isFirst: true, at: begin)
        var now = begin
        var pauses: [Duration] = []
        for _ in 0..<8 {
            let exited = now
            let held = backoff.postpone(starts("a"), desired: ["a"], at: exited)
            now = backoff.nextDue ?? exited
            #expect(held.changes.isEmpty == (now > exited))
            #expect(backoff.postpone(starts("a"), desired: ["a"], at: now).changes == [start("a")])
            pauses.append(now - exited)
            backoff.started("a", at: now)
        }
        #expect(pauses == [0, 10, 20, 40, 80, 160, 300, 300].map { .seconds($0) })
    }

    @Test func theErrorOfWhatRunsAfterAllIsForgotten() {
        let wanted = DesiredContainer(name: "a", node: "host-a", image: "x")
        var backoff = StartBackoff()
        backoff.failed(toCreate: wanted, "no space", at: begin)
        backoff.started("b", error: "no runtime", at: begin)
        var creation = ChangeSet<PodmanChange>()
        creation.waiting = [WaitingChange(.createContainer(wanted), reason: "waiting")]
        creation.changes = [start("b")]
        _ = backoff.postpone(creation, desired: ["a", "b"], at: begin)
        #expect(backoff.errors == ["a": "no space", "b": "no runtime"])
        // Somebody else started b.
        creation.changes = []
        _ = backoff.postpone(creation, desired: ["a", "b"], at: begin)
        #expect(backoff.errors == ["a": "no space"])
        _ = backoff.postpone(ChangeSet<PodmanChange>(), desired: ["a", "b"], at: begin)
        #expect(backoff.errors.isEmpty)
    }

    @Test func aCreationThatFailsIsTriedAgainLaterAndWhatItReplacesStaysUntilThen() {
        var wanted = DesiredContainer(name: "a", node: "host-a", image: "x")
        var set = ChangeSet<PodmanChange>()
        set.changes = [
            .removeContainer(name: "a", id: "1", timeout: 10), .createContainer(wanted), start("b"),
        ]
        var backoff = StartBackoff()
        #expect(backoff.postpone(set, desired: ["a", "b"], at: begin) == set)
        var now = begin
        var pauses: [Duration] = []
        for _ in 0..<10 {
            backoff.failed(toCreate: wanted, at: now)
            let held = backoff.postpone(set, desired: ["a", "b"], at: now)
            #expect(held.changes == [start("b")])
            #expect(held.waiting.map(\.change) == Array(set.changes.dropLast()))
            guard let due = backoff.nextDue else { break }
            pauses.append(due - now)
            now = due
            #expect(backoff.postpone(set, desired: ["a", "b"], at: now) == set)
        }
        #expect(pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map { .seconds($0) })
        // An edit is tried at once.
        wanted.image = "y"
        set.changes = [.createContainer(wanted)]
        backoff.failed(toCreate: DesiredContainer(name: "a", node: "host-a", image: "x"), at: now)
        #expect(backoff.postpone(set, desired: ["a"], at: now) == set)
    }

    @Test func oneThatCrashesDelaysNoOther() {
        var backoff = StartBackoff()
        for _ in 0..<3 { backoff.started("a", at: begin) }
        let result = backoff.postpone(starts("a", "b"), desired: ["a", "b"], at: begin)
        #expect(result.changes == [start("b")])
        #expect(result.waiting.map(\.change) == [start("a")])
        #expect(backoff.nextDue == begin + .seconds(40))
    }

    @Test func theReasonStaysTheSameWhileItWaits() {
        var backoff = StartBackoff()
        for _ in 0..<2 { backoff.started("a", at: begin) }
        let first = backoff.postpone(starts("a"), desired: ["a"], at: begin)
        let later = backoff.postpone(starts("a"), desired: ["a"], at: begin + .seconds(15))
        #expect(first == later && first.waiting.count == 1)
    }

    @Test func tenMinutesWithoutAnExitForgiveEverything() {
        var backoff = StartBackoff()
        for _ in 0..<5 { backoff.started("a", at: begin) }
        #expect(backoff.postpone(starts("a"), desired: ["a"], at: begin + .seconds(600)).waiting.isEmpty)
        #expect(backoff.nextDue == nil)
    }

    @Test func aContainerThatIsNoLongerWantedIsForgotten() {
        var backoff = StartBackoff()
        for _ in 0..<5 { backoff.started("a", at: begin) }
        _ = backoff.postpone(ChangeSet<PodmanChange>(), desired: [], at: begin)
        #expect(backoff.postpone(starts("a"), desired: ["a"], at: begin).waiting.isEmpty)
    }
}

/// Fault 53: two starts that run into each other leave a container without a network.
@Suite struct StartMomentTests {
    private let begin = ContinuousClock.now

    @Test func aContainerThatHasJustEndedIsLeftToWhoeverRestartsItForAMoment() {
        var backoff = StartBackoff()
        let held = backoff.postpone(starts("a", "b"), desired: ["a", "b"], justEnded: ["a"], at: begin)
        #expect(held.changes == [start("b")], "one that never ran is started at once")
        #expect(held.waiting == [WaitingChange(start("a"), reason: StartBackoff.momentReason)])
        #expect(backoff.nextDue == begin + StartBackoff.moment)
        let later = begin + StartBackoff.moment
        #expect(backoff.postpone(starts("a"), desired: ["a"], justEnded: ["a"], at: later).changes == [start("a")])
        // Podman started it, and it ended once more: another moment.
        _ = backoff.postpone(ChangeSet<PodmanChange>(), desired: ["a"], at: later)
        #expect(backoff.postpone(starts("a"), desired: ["a"], justEnded: ["a"], at: later).changes.isEmpty)
    }

    @Test func whyItCouldNotBeStartedStaysKnownUntilItIs() {
        var backoff = StartBackoff()
        let container = DesiredContainer(name: "a", node: "host-a", image: "x")
        backoff.failed(toCreate: container, "no such directory", at: begin)
        #expect(backoff.errors == ["a": "no such directory"])
        backoff.started("a", error: "still none", at: begin)
        #expect(
            backoff.postpone(starts("a"), desired: ["a"], at: begin).waiting.first?.reason.contains("started once")
                == true)
        backoff.started("a", at: begin)
        #expect(backoff.errors.isEmpty)
    }
}

/// Containers of earlier releases, which Podman restarts itself.
@Suite struct PodmanRestartsTests {
    private let begin = ContinuousClock.now

    private func looping(_ backoff: inout StartBackoff, _ restarts: Int, id: String = "1", after seconds: Int) -> Bool {
        let container = ObservedContainer(id: id, name: "a", image: "x", state: .running, restartCount: restarts)
        backoff.observe(restartedByPodman: ["a": container], at: begin + .seconds(seconds))
        return backoff.looping == ["a"]
    }

    @Test func onlyFiveRestartsOfTwoSecondsEachAreALoop() {
        var backoff = StartBackoff()
        #expect(!looping(&backoff, 300, after: 0), "what was before this daemon says nothing about now")
        #expect(!looping(&backoff, 304, after: 1))
        #expect(looping(&backoff, 305, after: 9))
        #expect(!looping(&backoff, 309, after: 10), "each stop comes after five more")
        #expect(looping(&backoff, 500, after: 40))
        // One that runs for some time each time is Podman's.
        for round in 1...10 { #expect(!looping(&backoff, 500 + round, after: 40 + round * 5)) }
        #expect(!looping(&backoff, 600, id: "2", after: 91), "another container of that name")
        #expect(!looping(&backoff, 0, id: "2", after: 92), "a reboot")
        #expect(looping(&backoff, 5, id: "2", after: 93))
    }

    @Test func whatWasStoppedForThatStartsWithPauses() {
        var backoff = StartBackoff()
        var now = begin
        var pauses: [Duration] = []
        for _ in 0..<3 {
            backoff.halted("a", at: now)
            let held = backoff.postpone(starts("a"), desired: ["a"], at: now)
            #expect(held.waiting.first?.reason.contains("Podman restarted it") == true)
            guard let due = backoff.nextDue else { break }
            pauses.append(due - now)
            now = due
            #expect(backoff.postpone(starts("a"), desired: ["a"], at: now).changes == [start("a")])
            backoff.started("a", at: now)
        }
        #expect(pauses == [10, 20, 40].map { .seconds($0) })
    }
}

import Convergence
import HostState
import Logging
import NetworkState
import Synchronization
import Testing

@testable import Reconciler

@Suite struct LaneTests {
    @Test func convergesAndReadsBack() async {
        let backend = NamesBackend()
        backend.state.withLock { $0.wanted = ["a", "b"] }
        #expect(await lane(backend).convergeOnce())
        let state = backend.state.withLock { $0 }
        #expect(state.present == ["a", "b"])
        #expect(state.rounds.last?.isConverged == true)
        #expect(state.rounds.count == 2)
    }

    @Test func secondReconcileOfAnUnchangedWorldWritesNothing() async {
        let backend = NamesBackend()
        backend.state.withLock { $0.wanted = ["a"] }
        let lane = lane(backend)
        _ = await lane.convergeOnce()
        let applied = backend.state.withLock { $0.applied }
        #expect(await lane.convergeOnce())
        #expect(backend.state.withLock { $0.applied } == applied)
    }

    @Test func oneRefusalDoesNotStopTheOthers() async {
        let backend = NamesBackend()
        backend.state.withLock {
            $0.wanted = ["a", "b", "c"]
            $0.refused = ["a"]
        }
        let lane = lane(backend)
        #expect(await !lane.convergeOnce())
        #expect(backend.state.withLock { $0.present } == ["b", "c"])
        #expect(lane.done.errors == 1 && lane.done.rounds == 1 && lane.done.lastEnd != nil)
    }

    @Test func driftIsToldFromWhatAnAuthorAskedFor() async {
        let backend = NamesBackend()
        backend.state.withLock { $0.wanted = ["a"] }
        let lane = lane(backend)
        _ = await lane.convergeOnce()
        #expect(backend.state.withLock { $0.rounds.first?.isDrift } == false)
        backend.state.withLock {
            $0.present = []
            $0.rounds = []
        }
        _ = await lane.convergeOnce()
        #expect(backend.state.withLock { $0.rounds.first?.isDrift } == true)
        backend.state.withLock {
            $0.wanted.insert("b")
            $0.rounds = []
        }
        backend.edit()
        _ = await lane.convergeOnce()
        #expect(backend.state.withLock { $0.rounds.first?.isDrift } == false)
    }

    /// A container that waits until its predecessor has ended is made for its author, however long that takes.
    @Test func whatHadToWaitIsNoDriftOnceItIsMade() async {
        let backend = NamesBackend()
        backend.state.withLock {
            $0.wanted = ["a", "b"]
            $0.waiting = ["b"]
        }
        let lane = lane(backend)
        _ = await lane.convergeOnce()
        backend.state.withLock {
            $0.waiting = []
            $0.rounds = []
        }
        _ = await lane.convergeOnce()
        #expect(backend.state.withLock { $0.rounds.first?.outcomes.count } == 1)
        #expect(backend.state.withLock { $0.rounds.first?.isDrift } == false)
        // From now on, to take it away is drift.
        backend.state.withLock {
            $0.present = ["a"]
            $0.rounds = []
        }
        _ = await lane.convergeOnce()
        #expect(backend.state.withLock { $0.rounds.first?.isDrift } == true)
    }

    @Test func aWakeUpIsNeverLost() async {
        let backend = NamesBackend()
        let lane = lane(backend)
        let running = Task { await lane.run() }
        defer { running.cancel() }
        #expect(await eventually { lane.done.rounds > 0 })
        for name in 0..<100 {
            backend.state.withLock {
                _ = $0.wanted.insert("n\(name)")
            }
            backend.edit()
            lane.wake("test")
        }
        #expect(await eventually { backend.state.withLock { $0.present.count } == 100 })
    }

    @Test func anUnreadableWorldIsLookedAtAgainWithoutBeingWoken() async {
        let backend = NamesBackend()
        backend.state.withLock {
            $0.canObserve = false
            $0.wanted = ["a"]
        }
        let lane = lane(backend)
        let running = Task { await lane.run() }
        defer { running.cancel() }
        #expect(await eventually { backend.state.withLock { $0.rounds.contains { $0.observeError != nil } } })
        backend.state.withLock { $0.canObserve = true }
        #expect(await eventually { backend.state.withLock { $0.present } == ["a"] })
    }

    @Test func whatIsHeldBackIsLookedAtWhenItIsDue() async {
        let backend = NamesBackend()
        backend.state.withLock { $0.due = .now + .milliseconds(200) }
        let lane = lane(backend)
        let running = Task { await lane.run() }
        defer { running.cancel() }
        #expect(await eventually { lane.done.rounds >= 1 })
        backend.state.withLock { $0.wanted = ["a"] }
        #expect(await eventually { backend.state.withLock { $0.present } == ["a"] })
        backend.state.withLock { $0.due = nil }
    }

    /// The pause that a rival brings about grows to half a minute; neither an author nor another object waits for it.
    @Test func aRivalHoldsUpNeitherAnAuthorNorAnyOtherObject() async {
        let backend = NamesBackend()
        backend.state.withLock {
            $0.wanted = ["a", "b"]
            $0.contested = ["a"]
        }
        let lane = lane(backend)
        let running = Task { await lane.run() }
        defer { running.cancel() }
        let isContested = await eventually {
            lane.wake("drift")
            return backend.state.withLock { $0.rounds.contains { $0.contested.contains { $0.repairs > 8 } } }
        }
        #expect(isContested)
        var began = ContinuousClock.now
        backend.state.withLock { _ = $0.present.remove("b") }
        lane.wake("drift")
        #expect(await eventually { backend.state.withLock { $0.present.contains("b") } })
        backend.state.withLock {
            #expect(!$0.present.contains("a") && $0.rounds.last?.changeSet.waiting.count == 1)
            #expect($0.rounds.allSatisfy { $0.contested.allSatisfy { $0.change.object == .sysctl("a") } })
        }
        // An edit, whatever it is about, and `wgctl resync` end the waiting.
        backend.state.withLock {
            $0.contested = []
            $0.wanted.insert("c")
        }
        backend.edit()
        lane.wake("manifests")
        #expect(await eventually { backend.state.withLock { $0.present == ["a", "b", "c"] } })
        #expect(ContinuousClock.now - began < .seconds(4), "the pause was 4 s")
        began = .now
        backend.state.withLock { _ = $0.present.remove("a") }
        lane.wake("resync", isPressing: true)
        #expect(await eventually { backend.state.withLock { $0.present.contains("a") } })
        #expect(ContinuousClock.now - began < .seconds(4), "the pause was 8 s")
    }

    /// With something that fails for good the lane never converges: a rival beside it must not make it run hot.
    @Test func aRivalIsSlowedDownThoughSomethingElseFailsForGood() async {
        let backend = NamesBackend()
        backend.state.withLock {
            $0.wanted = ["a", "b"]
            $0.contested = ["a"]
            $0.refused = ["b"]
        }
        let lane = lane(backend)
        let running = Task { await lane.run() }
        defer { running.cancel() }
        let isContested = await eventually {
            lane.wake("drift")
            return backend.state.withLock {
                $0.rounds.contains { $0.contested.contains { $0.change.object == .sysctl("a") } }
            }
        }
        #expect(isContested)
        #expect(
            await eventually {
                lane.wake("drift")
                return backend.state.withLock {
                    $0.rounds.last?.changeSet.waiting.map(\.change.object) == [.sysctl("a")]
                }
            })
        backend.state.withLock { #expect($0.rounds.allSatisfy { !$0.isDrift && !$0.isConverged }) }
    }

    @Test func whatWaitsForARivalIsRepairedWhenItIsDue() async {
        let backend = NamesBackend()
        backend.state.withLock {
            $0.wanted = ["a"]
            $0.contested = ["a"]
        }
        let lane = lane(backend)
        let running = Task { await lane.run() }
        defer { running.cancel() }
        #expect(
            await eventually {
                lane.wake("drift")
                return backend.state.withLock { $0.rounds.contains { !$0.changeSet.waiting.isEmpty } }
            })
        backend.state.withLock { $0.contested = [] }
        lane.wake("drift")
        #expect(await eventually { backend.state.withLock { $0.present == ["a"] } })
    }

    /// Fault 58: a change whose failure itself wakes the lane, and that is woken by everybody else besides.
    @Test func aChangeThatFailsForEverIsTriedABoundedNumberOfTimesWhateverWakesTheLane() async {
        let backend = NamesBackend()
        backend.state.withLock {
            $0.wanted = ["a"]
            $0.refused = ["a"]
        }
        let lane = lane(backend)
        backend.onApply.withLock { $0 = { lane.wake("link a created; link a deleted") } }
        let running = Task { await lane.run() }
        defer { running.cancel() }
        #expect(await rounds(1000, of: lane))
        // In a minute the pauses of 1, 2, 4, 8 and 16 s let pass ten attempts.
        #expect(backend.state.withLock { $0.applied } <= 20)
        let before = backend.state.withLock { state in
            #expect(state.rounds.last?.failing.map(\.error) == ["refused"])
            #expect(state.rounds.allSatisfy { !$0.isConverged })
            // Another object is not delayed, and an edit is tried at once.
            state.wanted.insert("b")
            return state.applied
        }
        lane.wake("drift")
        #expect(await eventually { backend.state.withLock { $0.present == ["b"] } })
        backend.edit()
        lane.wake("manifests", isPressing: true)
        #expect(await eventually { backend.state.withLock { $0.applied } >= before + 2 })
        backend.state.withLock { $0.refused = [] }
        lane.retry("resync")
        #expect(await eventually { backend.state.withLock { $0.present == ["a", "b"] } })
    }

    /// The same for a change that succeeds and does not last: read back, it is missing again.
    @Test func whatEndsAfterItsRoundCountsAsWhatARoundDid() async {
        let backend = NamesBackend()
        backend.state.withLock { $0.wanted = ["a"] }
        let reporter = Reporter()
        let lane = Lane(
            backend: backend, board: backend.board, reporter: reporter, resync: .seconds(600),
            logger: Logger(label: "test"))
        let change = KernelChange.setSysctl(DesiredSysctl(key: "a", value: "1"), before: nil)
        for _ in 0..<10 { await lane.finish(late: Outcome(change, error: "late")) }
        #expect(reporter.contested.withLock { $0.allSatisfy { $0 == 0 } && $0.count == 10 })
        #expect(lane.done.errors == 10)
        let task = Task { await lane.run() }
        #expect(await eventually { backend.state.withLock { !$0.rounds.isEmpty } })
        task.cancel()
        await task.value
        let (applied, failing) = backend.state.withLock { ($0.applied, $0.rounds[0].failing.map(\.error)) }
        #expect(applied == 0 && failing == ["late"])
        // A repair that does not last is contested.
        for _ in 0..<10 { await lane.finish(late: Outcome(change)) }
        let contested = reporter.contested.withLock { $0.suffix(10) }
        #expect(contested.first == 0 && contested.last == 1)
    }

    @Test func aRoundThatNeverComesToRestIsBounded() async {
        let backend = NamesBackend()
        backend.state.withLock { $0.wanted = ["a"] }
        let lane = lane(backend)
        backend.onApply.withLock { hook in
            hook = { lane.wake("link a created; link a deleted") }
        }
        backend.isForgetful.store(true, ordering: .relaxed)
        let running = Task { await lane.run() }
        defer { running.cancel() }
        #expect(await rounds(1000, of: lane))
        #expect(backend.state.withLock { $0.applied } <= 30)
    }

    /// Looks that fail are a second apart, however often the lane is woken.
    @Test func looksThatFailAreBounded() async {
        let backend = NamesBackend()
        backend.state.withLock { $0.canObserve = false }
        let lane = lane(backend)
        let running = Task { await lane.run() }
        defer { running.cancel() }
        #expect(await eventually { lane.done.rounds >= 1 })
        let began = ContinuousClock.now
        for _ in 0..<1000 {
            lane.wake("neighbour")
            await Task.yield()
        }
        let seconds = (ContinuousClock.now - began).components.seconds
        #expect(lane.done.rounds <= 2 + Int(seconds))
        // An author does not wait for that.
        backend.state.withLock { $0.wanted = ["a"] }
        backend.state.withLock { $0.canObserve = true }
        lane.wake("manifests", isPressing: true)
        #expect(await eventually { backend.state.withLock { $0.present == ["a"] } })
    }

    /// Fault 46: the records are new or were lost.
    @Test func withoutRecordsALaneRemovesNothingUntilItHasLookedWithManifests() async {
        let backend = NamesBackend()
        backend.board.prepare { $0[PlanState.self].hasSnapshot = false }
        backend.state.withLock { $0.surplus = "old" }
        let lane = Lane(
            backend: backend, board: backend.board, reporter: Reporter(), resync: .seconds(600), isSparing: true,
            logger: Logger(label: "test"))
        _ = await lane.convergeOnce()
        #expect(lane.isSparing, "it has seen no manifests yet")
        backend.board.prepare { $0[PlanState.self].hasSnapshot = true }
        _ = await lane.convergeOnce()
        #expect(backend.state.withLock { $0.surplus == "old" } && !lane.isSparing)
        _ = await lane.convergeOnce()
        #expect(backend.state.withLock { $0.surplus } == nil)
    }

    /// `wgctl down` wants it all gone.
    @Test func aTeardownSparesNothing() async {
        let backend = NamesBackend()
        backend.board.prepare { $0[PlanState.self].takeDown(node: "n") }
        backend.state.withLock { $0.surplus = "old" }
        let lane = Lane(
            backend: backend, board: backend.board, reporter: Reporter(), resync: .seconds(600), isSparing: true,
            logger: Logger(label: "test"))
        _ = await lane.convergeOnce()
        #expect(backend.state.withLock { $0.surplus } == nil)
    }

    @Test func backoffDoublesUpToItsCeiling() {
        var backoff = Backoff(ceiling: .seconds(5))
        #expect((0..<5).map { _ in backoff.next() } == [1, 2, 4, 5, 5].map { .seconds($0) })
        backoff.reset()
        #expect(backoff.next() == .seconds(1))
    }
}

/// Changes that are known before the lane looks.
@Suite struct AnticipationTests {
    private func part(_ key: String) -> ChangeSet<KernelChange> {
        var set = ChangeSet<KernelChange>()
        set.changes = [.setSysctl(DesiredSysctl(key: key, value: "1"), before: nil)]
        return set
    }

    @Test func itIsDoneWithoutALookAndTold() async throws {
        let backend = NamesBackend()
        backend.state.withLock { $0.canObserve = false }
        await lane(backend).applyPart("manifests", isDrift: false) { _ in (["b"], part("a")) }
        let state = backend.state.withLock { $0 }
        #expect(state.present == ["a"])
        let round = try #require(state.rounds.first)
        #expect(round.outcomes.count == 1 && round.causes == ["manifests"] && !round.isDrift)
    }

    @Test func itWaitsForNoRoundThatIsUnderWay() async {
        let backend = NamesBackend()
        let lane = lane(backend)
        await lane.applyPart("outer", isDrift: false) { _ in
            (["b"], part("a"))
        }
        let inner = Mutex(0)
        backend.onApply.withLock { hook in
            hook = {
                await lane.applyPart("inner", isDrift: false) { _ in
                    inner.withLock { $0 += 1 }
                    return nil
                }
            }
        }
        await lane.applyPart("outer", isDrift: false) { _ in (["a"], part("c")) }
        #expect(inner.withLock { $0 } == 0)
        #expect(backend.state.withLock { $0.present } == ["a", "c"])
    }

    /// A repair that is undone again and again waits here too.
    @Test func aContestedRepairIsHeldBack() async throws {
        let backend = NamesBackend()
        let lane = lane(backend)
        for _ in 0..<12 { await lane.applyPart("drift", isDrift: true) { _ in ([], part("a")) } }
        let state = backend.state.withLock { $0 }
        #expect(state.applied == RepairPause.tolerance + 1)
        #expect(state.rounds.contains { !$0.contested.isEmpty })
        // An author waits: nothing is held back.
        await lane.applyPart("manifests", isDrift: false) { _ in ([], part("a")) }
        #expect(backend.state.withLock { $0.applied } == RepairPause.tolerance + 2)
    }
}

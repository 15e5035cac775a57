import HostState
import Logging
import Synchronization
import Testing

@testable import Reconciler

/// A world of names: what is wanted, what there is, and what refuses.
private final class NamesBackend: Backend {
    struct State {
        var wanted: Set<String> = []
        var present: Set<String> = []
        var refused: Set<String> = []
        var revision = 0
        var applied = 0
        var rounds: [Round<Set<String>>] = []
        var canObserve = true
        var due: ContinuousClock.Instant?
        /// Undoes every repair, as a rival would.
        var isContested = false
    }
    struct Blind: Error {}

    let state = Mutex(State())

    func revision(of observed: Set<String>) -> Revision { Revision(wanted: state.withLock { $0.revision }) }

    func observe() async throws -> Set<String> {
        try state.withLock { state in
            guard state.canObserve else { throw Blind() }
            return state.present
        }
    }

    func changes(from observed: Set<String>) async -> ChangeSet {
        var set = ChangeSet()
        set.changes = state.withLock { $0.wanted }.subtracting(observed).sorted().map {
            .kernel(.setSysctl(DesiredSysctl(key: $0, value: "1"), before: nil))
        }
        return set
    }

    func apply(_ changes: [Change]) async -> [Outcome] {
        state.withLock { state in
            changes.map { change in
                guard case .kernel(.setSysctl(let sysctl, _)) = change else { return Outcome(change) }
                state.applied += 1
                if state.refused.contains(sysctl.key) { return Outcome(change, error: "refused") }
                state.present.insert(sysctl.key)
                return Outcome(change)
            }
        }
    }

    func finished(_ round: Round<Set<String>>) async {
        state.withLock { state in
            state.rounds.append(round)
            if state.isContested, round.isConverged { state.present = [] }
        }
    }

    func nextDue() -> ContinuousClock.Instant? { state.withLock { $0.due } }
}

private func lane(_ backend: NamesBackend, resync: Duration = .seconds(600)) -> Lane<NamesBackend> {
    Lane(name: "names", backend: backend, resync: resync, logger: Logger(label: "test"))
}

/// Waits for a condition with a generous deadline.
private func eventually(_ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return false
}

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
            $0.revision += 1
            $0.rounds = []
        }
        _ = await lane.convergeOnce()
        #expect(backend.state.withLock { $0.rounds.first?.isDrift } == false)
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
                $0.revision += 1
            }
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

    /// The pause that a rival brings about grows to half a minute; an author does not wait for it.
    @Test func aRivalDoesNotHoldUpAnAuthor() async {
        let backend = NamesBackend()
        backend.state.withLock {
            $0.wanted = ["a"]
            $0.isContested = true
        }
        let lane = lane(backend)
        let running = Task { await lane.run() }
        defer { running.cancel() }
        let isContested = await eventually {
            lane.wake("drift")
            return backend.state.withLock { $0.rounds.contains { $0.repairsInARow > 9 } }
        }
        #expect(isContested)
        backend.state.withLock {
            $0.isContested = false
            $0.wanted.insert("b")
            $0.revision += 1
        }
        let began = ContinuousClock.now
        lane.wake("manifests", isPressing: true)
        #expect(await eventually { backend.state.withLock { $0.present.contains("b") } })
        #expect(ContinuousClock.now - began < .seconds(5))
    }

    @Test func backoffDoublesUpToItsCeiling() {
        var backoff = Backoff(ceiling: .seconds(5))
        #expect((0..<5).map { _ in backoff.next() } == [1, 2, 4, 5, 5].map { .seconds($0) })
        backoff.reset()
        #expect(backoff.next() == .seconds(1))
    }

    @Test func aRivalSlowsRepairsDownAndIsForgottenAfterQuiet() {
        var rival = RivalGuard(tolerance: 2)
        let start = ContinuousClock.now
        #expect(rival.repaired(at: start) == .zero)
        #expect(rival.repaired(at: start + .seconds(1)) == .zero)
        #expect(rival.repaired(at: start + .seconds(2)) == .milliseconds(500))
        #expect(rival.repaired(at: start + .seconds(3)) == .seconds(1))
        #expect(rival.repaired(at: start + .seconds(60)) == .zero)
    }
}

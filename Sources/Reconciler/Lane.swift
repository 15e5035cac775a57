public import Logging
internal import HostState
internal import Synchronization

/// Converges one backend: whenever it is woken, and at every resync, until what is read back equals what is wanted.
///
/// Lanes share no schedule: one that hangs or fails delays no other (invariant I8).
public final class Lane<B: Backend>: Sendable {
    public let name: String
    private let backend: B
    private let resync: Duration
    private let logger: Logger
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation
    private let causes = Mutex(Causes())
    private let tally = Mutex(LaneTally())
    /// One reconcile in flight, whoever asks: an actor's own state could change at every await.
    private let gate = SerialGate()

    /// - Parameter resync: how long the lane sleeps at most.
    public init(name: String, backend: B, resync: Duration, logger: Logger) {
        self.name = name
        self.backend = backend
        self.resync = resync
        self.logger = logger
        // One pending wake-up says everything: the lane looks at the whole state anyway.
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What the lane has done so far.
    public var done: LaneTally { tally.withLock { $0 } }

    private struct Causes {
        var texts: [String] = []
        var isPressing = false
    }

    /// Asks for a round. Never blocks; wake-ups that come together make one round.
    ///
    /// - Parameter isPressing: an author waits: the pause that a rival has brought about ends at once.
    public func wake(_ cause: String, isPressing: Bool = false) {
        causes.withLock { causes in
            if causes.texts.count < 16, !causes.texts.contains(cause) { causes.texts.append(cause) }
            if isPressing { causes.isPressing = true }
        }
        wakeUp.yield()
    }

    /// Runs until the task is cancelled.
    public func run() async {
        var backoff = Backoff(ceiling: .seconds(30))
        var rival = RivalGuard()
        var pause = resync
        wake("start")
        while !Task.isCancelled {
            await sleepUntilWoken(atMost: pause)
            if Task.isCancelled { return }
            switch await converge(&rival) {
            case .converged:
                backoff.reset()
                pause = resync
            case .failed: pause = backoff.next()
            case .contested(let rest):
                await sitOut(rest)
                pause = resync
            }
            if let due = backend.nextDue() { pause = min(pause, max(due - .now, .zero)) }
        }
    }

    /// Leaves a rival alone for a while; wake-ups meanwhile are kept, and a pressing one ends it.
    private func sitOut(_ pause: Duration) async {
        let end = ContinuousClock.now + pause
        while !Task.isCancelled, .now < end, !causes.withLock({ $0.isPressing }) {
            await sleepUntilWoken(atMost: end - .now)
        }
        if causes.withLock({ !$0.texts.isEmpty }) { wakeUp.yield() }
    }

    /// One wake-up's work, outside the loop: for teardown.
    public func convergeOnce() async -> Bool {
        var rival = RivalGuard()
        if case .converged = await converge(&rival) { return true }
        return false
    }

    private enum Result {
        case converged
        case failed
        case contested(Duration)
    }

    /// Where the lane last had nothing left to do, and whether the world drifted since.
    private struct Converged {
        var revision: Revision?
        var held: [HeldChange] = []
        var isRepairing = false
    }

    private let converged = Mutex(Converged())

    /// Work that appears while nothing wanted has changed is drift, and stays it while the lanes mend it together.
    private func noteDrift(_ round: Round<B.Observed>, at revision: Revision) -> Bool {
        converged.withLock { converged in
            let isSettled = round.changeSet.changes.isEmpty && round.changeSet.held == converged.held
            if isSettled || converged.revision?.wanted != revision.wanted { converged.isRepairing = false }
            if !isSettled, converged.revision == revision { converged.isRepairing = true }
            return converged.isRepairing
        }
    }

    /// Rounds until nothing is left to do, at most eight: each backend step can show the next one's work.
    private func converge(_ rival: inout RivalGuard) async -> Result {
        await gate.enter()
        let result = await convergeAlone(&rival)
        await gate.leave()
        return result
    }

    private func convergeAlone(_ rival: inout RivalGuard) async -> Result {
        let why = causes.withLock { causes in
            defer { causes = Causes() }
            return causes.texts
        }
        var pause = Duration.zero
        var isDrift = false
        for pass in 0..<8 {
            let start = ContinuousClock.now
            var round = await round(causes: why)
            let revision = round.observed.map(backend.revision(of:))
            if pass == 0, let revision { isDrift = noteDrift(round, at: revision) }
            // Cut short by the daemon's stop: nothing is known, so nothing is told.
            if Task.isCancelled, round.observed == nil { return .failed }
            round.isDrift = isDrift
            if isDrift, pass == 0, round.outcomes.contains(where: { $0.error == nil }) {
                pause = rival.repaired(at: .now)
                round.repairsInARow = rival.repairsInARow
            }
            await backend.finished(round)
            tally.withLock { $0.add(round, from: start, to: .now) }
            if round.hasFailed { return .failed }
            guard round.isConverged else { continue }
            converged.withLock { converged in
                converged.revision = revision
                // What still waits for a neighbour belongs to the same repair.
                if round.changeSet.held.isEmpty { converged.isRepairing = false }
                if !converged.isRepairing { converged.held = round.changeSet.held }
            }
            return pause > .zero ? .contested(pause) : .converged
        }
        logger.warning("\(name): still changing after 8 rounds", metadata: ["causes": "\(why)"])
        return .failed
    }

    private func round(causes: [String]) async -> Round<B.Observed> {
        do {
            let observed = try await backend.observe()
            let changeSet = await backend.changes(from: observed)
            let outcomes = changeSet.changes.isEmpty ? [] : await backend.apply(changeSet.changes)
            return Round(observed: observed, changeSet: changeSet, outcomes: outcomes, causes: causes)
        } catch {
            return Round(
                observed: nil, observeError: "\(error)", changeSet: ChangeSet(), outcomes: [], causes: causes)
        }
    }

    /// A timer task yields into the same stream, so that one iterator serves both and nothing is lost between.
    private func sleepUntilWoken(atMost timeout: Duration) async {
        let timer = Task { [wakeUp] in
            try await Task.sleep(for: timeout)
            wakeUp.yield()
        }
        defer { timer.cancel() }
        for await _ in wakeUps { return }
    }
}

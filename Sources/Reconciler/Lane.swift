public import Convergence
public import Logging
internal import Synchronization

/// Converges one backend: whenever it is woken, and at every resync, until what is read back equals what is wanted.
///
/// Lanes share no schedule: one that hangs or fails delays no other (invariant I8).
public final class Lane<B: Backend>: Sendable {
    public let name: LaneName
    private let backend: B
    private let resync: Duration
    private let logger: Logger
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation
    private let causes = Mutex(Causes())
    private let tally = Mutex(LaneTally())
    /// One reconcile in flight, whoever asks: an actor's own state could change at every await.
    private let gate = SerialGate()
    private let repairs = Mutex(RepairBackoff<B.Change>())
    private let failures = Mutex(FailureBackoff<B.Change>())
    /// Until when the world is not looked at again, after a look at it failed; nil when the last one did not.
    private let blindUntil = Mutex<ContinuousClock.Instant?>(nil)
    /// How far looks that fail are apart, however often the lane is woken.
    private let blindness = Duration.seconds(1)

    /// - Parameter resync: how long the lane sleeps at most.
    public init(name: LaneName, backend: B, resync: Duration, logger: Logger) {
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
    /// - Parameter isPressing: an author waits: nothing is held back because of a rival.
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
        var pause = resync
        wake("start")
        while !Task.isCancelled {
            await sleepUntilWoken(atMost: pause)
            while !Task.isCancelled, let rest = restOfBlindness { await sleepUntilWoken(atMost: rest) }
            if Task.isCancelled { return }
            if await converge() {
                backoff.reset()
                pause = resync
            } else {
                pause = backoff.next()
            }
            for due in [backend.nextDue(), repairs.withLock({ $0.nextDue }), failures.withLock({ $0.nextDue })] {
                if let due { pause = min(pause, max(due - .now, .zero)) }
            }
        }
    }

    /// How long the lane has to wait before it looks again; nil when it may, or an author waits.
    private var restOfBlindness: Duration? {
        guard let until = blindUntil.withLock({ $0 }), until > .now, !causes.withLock({ $0.isPressing }) else {
            return nil
        }
        return until - .now
    }

    /// Forgets what failed before, and asks for a round: an operator says that the reason may be gone.
    public func retry(_ cause: String) {
        failures.withLock { $0 = FailureBackoff() }
        wake(cause, isPressing: true)
    }

    /// One wake-up's work, outside the loop: for teardown.
    public func convergeOnce() async -> Bool {
        failures.withLock { $0 = FailureBackoff() }
        causes.withLock { $0.isPressing = true }
        return await converge()
    }

    /// Makes changes that are known without a look, at once; nothing when a round is under way. The caller wakes the
    /// lane then: the next look verifies them.
    ///
    /// - Parameters:
    ///   - cause: for the text of events.
    ///   - isDrift: nobody asked for these changes: they repair.
    ///   - compare: what was seen, and what there is to change of it; nil when it takes a look.
    public func anticipate(
        _ cause: String, isDrift: Bool, compare: @Sendable () -> (observed: B.Observed, changeSet: ChangeSet<B.Change>)?
    ) async {
        guard await gate.enterIfFree() else { return }
        if let (observed, changeSet) = compare(), !changeSet.changes.isEmpty {
            let start = ContinuousClock.now
            let round = await apply(
                changeSet, to: observed, causes: [cause], isDrift: isDrift, isPatient: isDrift, isWhole: false)
            await backend.finished(round)
            tally.withLock { $0.add(round, from: start, to: .now) }
        }
        await gate.leave()
    }

    /// Takes note of what became of a change that went on beside the lane after its round, as if the round had seen it.
    ///
    /// - Parameter wanted: `Revision.wanted` by now.
    /// - Returns: a round of it alone, without a look, to be told.
    public func note(_ outcome: Outcome<B.Change>, wanted: Int) -> Round<B.Observed, B.Change> {
        tally.withLock { $0.add(late: outcome) }
        failures.withLock { $0.note([outcome], wanted: wanted, at: .now) }
        var round = Round<B.Observed, B.Change>(observed: nil, changeSet: ChangeSet(), outcomes: [outcome], causes: [])
        let isDrift = converged.withLock { $0.isRepairing }
        round.isDrift = isDrift
        let done = outcome.error == nil ? [outcome.change] : []
        round.contested = repairs.withLock { $0.done(done, isDrift: isDrift, wanted: wanted, at: .now) }
        return round
    }

    /// Where the lane last had nothing left to do, and whether the world drifted since.
    private struct Converged {
        var revision: Revision?
        var waiting: [WaitingChange<B.Change>] = []
        var isRepairing = false
        /// Whether it was logged that the lane does not come to rest: once, until it does.
        var isRestlessnessTold = false
    }

    private let converged = Mutex(Converged())

    /// Work that appears while nothing wanted has changed is drift, and stays it while the lanes mend it together.
    private func noteDrift(_ changeSet: ChangeSet<B.Change>, at revision: Revision) -> Bool {
        converged.withLock { converged in
            let isSettled = changeSet.changes.isEmpty && changeSet.waiting == converged.waiting
            if isSettled || converged.revision?.wanted != revision.wanted { converged.isRepairing = false }
            if !isSettled, converged.revision == revision { converged.isRepairing = true }
            return converged.isRepairing
        }
    }

    /// Rounds until nothing is left to do, at most eight: each backend step can show the next one's work.
    ///
    /// - Returns: whether the lane is where it wants to be, save for what is held back.
    private func converge() async -> Bool {
        await gate.enter()
        let result = await convergeAlone()
        await gate.leave()
        return result
    }

    private func convergeAlone() async -> Bool {
        let why = causes.withLock { causes in
            defer { causes = Causes() }
            return causes
        }
        var isDrift: Bool?
        for _ in 0..<8 {
            let start = ContinuousClock.now
            let round = await round(causes: why, isDrift: isDrift)
            isDrift = round.isDrift
            // Cut short by the daemon's stop: nothing is known, so nothing is told.
            if Task.isCancelled, round.observed == nil { return false }
            await backend.finished(round)
            tally.withLock { $0.add(round, from: start, to: .now) }
            blindUntil.withLock { $0 = round.observed == nil ? .now + blindness : nil }
            if round.hasFailed || (round.outcomes.isEmpty && !round.failing.isEmpty) { return false }
            guard round.isConverged else { continue }
            converged.withLock { converged in
                converged.isRestlessnessTold = false
                converged.revision = round.observed.map(backend.revision(of:))
                // What still waits for a neighbour belongs to the same repair.
                if round.changeSet.waiting.isEmpty { converged.isRepairing = false }
                if !converged.isRepairing { converged.waiting = round.changeSet.waiting }
            }
            return true
        }
        let isKnown = converged.withLock { converged in
            defer { converged.isRestlessnessTold = true }
            return converged.isRestlessnessTold
        }
        if !isKnown { logger.warning("\(name): still changing after 8 rounds", metadata: ["causes": "\(why.texts)"]) }
        return false
    }

    /// - Parameter isDrift: what the first round of this wake-up found; nil in the first.
    private func round(causes: Causes, isDrift: Bool?) async -> Round<B.Observed, B.Change> {
        do {
            let observed = try await backend.observe()
            let changeSet = await backend.changes(from: observed)
            // An author waits for the first round: what is undone during it is a rival's work again.
            let isPatient = !causes.isPressing || isDrift != nil
            let isDrift = isDrift ?? noteDrift(changeSet, at: backend.revision(of: observed))
            return await apply(
                changeSet, to: observed, causes: causes.texts, isDrift: isDrift, isPatient: isPatient)
        } catch {
            return Round(
                observed: nil, observeError: "\(error)", changeSet: ChangeSet(), outcomes: [], causes: causes.texts)
        }
    }

    /// - Parameters:
    ///   - isPatient: no author waits: what a rival undoes again and again is held back.
    ///   - isWhole: whether these are all the changes that there are to make.
    private func apply(
        _ changeSet: ChangeSet<B.Change>, to observed: B.Observed, causes: [String], isDrift: Bool, isPatient: Bool,
        isWhole: Bool = true
    ) async -> Round<B.Observed, B.Change> {
        let wanted = backend.revision(of: observed).wanted
        let patient = repairs.withLock { $0.hold(changeSet, isPatient: isPatient, wanted: wanted, at: .now) }
        let underWay = await backend.underWay()
        let (changeSet, failing) = failures.withLock {
            $0.hold(patient, isWhole: isWhole, underWay: underWay, wanted: wanted, at: .now)
        }
        let outcomes = changeSet.changes.isEmpty ? [] : await backend.apply(changeSet.changes)
        failures.withLock { $0.note(outcomes, wanted: wanted, at: .now) }
        var round = Round(observed: observed, changeSet: changeSet, outcomes: outcomes, causes: causes)
        round.failing = failing
        round.isDrift = isDrift
        let done = outcomes.filter { $0.error == nil }.map(\.change)
        round.contested = repairs.withLock { $0.done(done, isDrift: isDrift, wanted: wanted, at: .now) }
        return round
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

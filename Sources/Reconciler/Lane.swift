public import Convergence
internal import Descriptors
internal import HostState
public import Logging
internal import Synchronization

/// Converges one backend, when woken and at every resync, until the state read back is the desired one.
///
/// Lanes share no schedule: one that hangs or fails delays no other (invariant I8).
public final class Lane<B: Backend>: Sendable {
    public let backend: B
    private let board: FactBoard
    private let reporter: any RoundReporter
    private let resync: Duration
    private let logger: Logger
    private let wakeUp = WakeUp()
    private let causes = Mutex(Causes())
    private let tally = Mutex(LaneTally())
    /// One reconcile at a time, whoever requests it: an actor's own state could change at every await.
    private let gate = SerialGate()
    private let repairs = Mutex(RepairBackoff<B.Change>())
    private let failures = Mutex(FailureBackoff<B.Change>())
    /// The earliest next observation after a failed one; nil when the last one succeeded.
    private let blindUntil = Mutex<ContinuousClock.Instant?>(nil)
    /// Minimum time between failing observations, unless an author waits.
    private let blindness = Duration.seconds(1)

    /// - Parameters:
    ///   - resync: the longest sleep of the lane.
    ///   - isSparing: whether no records exist of what was here before: then nothing is deleted permanently until the
    ///     lane has converged once with manifests present (fault 46 of docs/reliability.md).
    public init(
        backend: B, board: FactBoard, reporter: any RoundReporter, resync: Duration, isSparing: Bool = false,
        logger: Logger
    ) {
        self.backend = backend
        self.board = board
        self.reporter = reporter
        sparing = Mutex(isSparing)
        self.resync = resync
        self.logger = logger
        board.onChange(of: B.wakes) { [weak self] cause in self?.wake(cause) }
    }

    private let sparing: Mutex<Bool>

    /// Whether permanent deletions are still postponed.
    public var isSparing: Bool { sparing.withLock { $0 } }

    /// What the lane has done so far.
    public var done: LaneTally { tally.withLock { $0 } }

    private struct Causes {
        var texts: [String] = []
        var isPressing = false
    }

    public func attach() async { await backend.attach(to: self) }

    /// Runs beside the lane until the task is cancelled.
    public func watch() async { await backend.watch(self) }

    public func writes() async -> [String: Int] { await backend.writes() }

    /// Requests a round. Never blocks; wake-ups that arrive together cause one round.
    ///
    /// - Parameter isPressing: an author waits: nothing is postponed because of a rival.
    public func wake(_ cause: String, isPressing: Bool = false) {
        causes.withLock { causes in
            if causes.texts.count < 16, !causes.texts.contains(cause) { causes.texts.append(cause) }
            if isPressing { causes.isPressing = true }
        }
        wakeUp.wake()
    }

    /// Runs until the task is cancelled.
    public func run() async {
        var backoff = Backoff(ceiling: .seconds(30))
        var pause = resync
        wake("start")
        while !Task.isCancelled {
            await wakeUp.sleep(atMost: pause)
            while !Task.isCancelled, let rest = restOfBlindness { await wakeUp.sleep(atMost: rest) }
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

    /// How long the lane must wait before it observes again; nil when it may now, or an author waits.
    private var restOfBlindness: Duration? {
        guard let until = blindUntil.withLock({ $0 }), until > .now, !causes.withLock({ $0.isPressing }) else {
            return nil
        }
        return until - .now
    }

    /// Forgets earlier failures, and requests a round: an operator says that the cause may be gone.
    public func retry(_ cause: String) {
        failures.withLock { $0 = FailureBackoff() }
        wake(cause, isPressing: true)
    }

    /// The work of one wake-up, outside the loop: for teardown.
    public func convergeOnce() async -> Bool {
        failures.withLock { $0 = FailureBackoff() }
        causes.withLock { $0.isPressing = true }
        return await converge()
    }

    /// Applies changes of a part that are known without an observation, at once; does nothing when a round is running.
    /// The caller then wakes the lane: the next observation verifies the changes.
    ///
    /// - Parameters:
    ///   - cause: for the text of events.
    ///   - isDrift: whether these changes repair drift, so that no author waits.
    ///   - compare: returns the observation and its changes; nil when it needs a new observation.
    public func applyPart(
        _ cause: String, isDrift: Bool,
        compare: @Sendable (Facts) -> (observed: B.Observed, changeSet: ChangeSet<B.Change>)?
    ) async {
        guard await gate.enterIfFree() else { return }
        let facts = board.facts
        let plan = facts[PlanState.self]
        if plan.hasSnapshot, !plan.isGoingDown, !isSparing, let (observed, changeSet) = compare(facts),
            !changeSet.changes.isEmpty
        {
            let start = ContinuousClock.now
            let round = await apply(
                changeSet, to: observed, facts, causes: [cause], isDrift: isDrift, isPatient: isDrift, isPart: true)
            await backend.finished(round)
            await reporter.recordPart(round, of: B.lane, B.traits)
            tally.withLock { $0.add(round, from: start, to: .now) }
        }
        await gate.leave()
    }

    /// Records and reports the end of a change that ran beside the lane after its round, as if the round had seen it. A
    /// failed one is reported as failing until an attempt has another result.
    public func finish(late outcome: Outcome<B.Change>) async {
        let wanted = B.revision(board.facts).wanted
        tally.withLock { $0.add(late: outcome) }
        failures.withLock { $0.note([outcome], wanted: wanted, at: .now) }
        late.withLock { $0[outcome.change.object] = outcome.error.map { _ in outcome } }
        var round = Round<B.Observed, B.Change>(observed: nil, outcomes: [outcome])
        let isDrift = converged.withLock { $0.isRepairing }
        round.isDrift = isDrift
        let done = outcome.error == nil ? [outcome.change] : []
        round.contested = repairs.withLock { $0.done(done, isDrift: isDrift, wanted: wanted, at: .now) }
        await reporter.recordEnd(named(round), of: B.lane, B.traits)
    }

    /// Failures after their round, by object, until another attempt has a result.
    private let late = Mutex<[B.Change.Object: Outcome<B.Change>]>([:])

    /// Failures after their round that are still to be done and have no newer outcome.
    private func stillFailing(after round: Round<B.Observed, B.Change>) -> [Outcome<B.Change>] {
        late.withLock { late in
            guard !late.isEmpty, round.observed != nil else { return Array(late.values) }
            let tried = Set(round.outcomes.map(\.change.object))
            let failing = Set(round.failing.map(\.change.object))
            let changes = round.changeSet.changes + round.changeSet.waiting.map(\.change)
            let open = Set(changes.map(\.object)).union(failing)
            late = late.filter { open.contains($0.key) && !tried.contains($0.key) }
            // The lane already reports these.
            return late.filter { !failing.contains($0.key) }.map(\.value)
        }
    }

    /// Adds the names of the rivals, if known.
    private func named(_ round: Round<B.Observed, B.Change>) -> Round<B.Observed, B.Change> {
        var round = round
        for index in round.contested.indices {
            round.contested[index].rival = backend.rival(of: round.contested[index].change.object)
        }
        return round
    }

    /// The state in which the lane last converged, and whether the host has drifted since.
    private struct Converged {
        var revision: Revision?
        var waiting: [WaitingChange<B.Change>] = []
        /// Objects whose changes were already due, and waited: to see them made is no drift.
        var expected: Set<B.Change.Object> = []
        var isRepairing = false
        /// Whether it was logged that the lane does not converge: once, until it does.
        var isRestlessnessTold = false
    }

    private let converged = Mutex(Converged())

    /// Changes at an unchanged desired state are drift, and remain so while the lanes repair it together.
    private func noteDrift(_ changeSet: ChangeSet<B.Change>, at revision: Revision) -> Bool {
        converged.withLock { converged in
            let isExpected =
                !changeSet.changes.isEmpty && changeSet.changes.allSatisfy { converged.expected.contains($0.object) }
                && changeSet.waiting.allSatisfy { converged.expected.contains($0.change.object) }
            let isSettled = isExpected || changeSet.changes.isEmpty && changeSet.waiting == converged.waiting
            if isSettled || converged.revision?.wanted != revision.wanted { converged.isRepairing = false }
            if !isSettled, converged.revision == revision { converged.isRepairing = true }
            return converged.isRepairing
        }
    }

    /// The objects that a converged round leaves for later: a container whose predecessor has not ended, or whose image
    /// is being pulled.
    private func expected(after round: Round<B.Observed, B.Change>) -> Set<B.Change.Object> {
        let later = round.observed.map { backend.later(round.changeSet, $0, round.facts) } ?? []
        return Set(round.changeSet.waiting.map(\.change.object)).union(later.map(\.change.object))
    }

    /// Runs rounds until nothing is left to do, at most eight: each backend step can reveal the next one's work.
    ///
    /// - Returns: whether the lane has converged, except for postponed changes.
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
            // Cut short by the daemon's stop: nothing was observed, so nothing is reported.
            if Task.isCancelled, round.observed == nil { return false }
            await finished(round)
            tally.withLock { $0.add(round, from: start, to: .now) }
            blindUntil.withLock { $0 = round.observed == nil ? .now + blindness : nil }
            if round.hasFailed || (round.outcomes.isEmpty && !round.failing.isEmpty) { return false }
            guard round.isConverged else { continue }
            let expected = expected(after: round)
            converged.withLock { converged in
                converged.isRestlessnessTold = false
                converged.revision = round.observed.map { _ in B.revision(round.facts) }
                // What still waits for another lane belongs to the same repair.
                if round.changeSet.waiting.isEmpty { converged.isRepairing = false }
                if !converged.isRepairing {
                    converged.waiting = round.changeSet.waiting
                    converged.expected = expected
                }
            }
            return true
        }
        let isKnown = converged.withLock { converged in
            defer { converged.isRestlessnessTold = true }
            return converged.isRestlessnessTold
        }
        if !isKnown { logger.warning("\(B.lane): still changing after 8 rounds", metadata: ["causes": "\(why.texts)"]) }
        return false
    }

    /// - Parameter isDrift: the result of the first round of this wake-up; nil in the first.
    private func round(causes: Causes, isDrift: Bool?) async -> Round<B.Observed, B.Change> {
        var facts = board.facts
        do {
            backend.prepare(facts)
            let observed = try await backend.observe(facts)
            await backend.note(observed, facts)
            backend.show(observed, in: &facts)
            let changeSet = compare(observed, facts)
            // An author waits only for the first round: what is undone during it is a rival's work again.
            let isPatient = !causes.isPressing || isDrift != nil
            let isDrift = isDrift ?? noteDrift(changeSet, at: B.revision(facts))
            return await apply(
                changeSet, to: observed, facts, causes: causes.texts, isDrift: isDrift, isPatient: isPatient)
        } catch {
            return Round(observed: nil, facts: facts, observeError: "\(error)", causes: causes.texts)
        }
    }

    /// The changes to make, from the lane's view.
    ///
    /// - Parameter isRehearsal: whether it is for a dry run, which leaves no trace.
    public func compare(_ observed: B.Observed, _ facts: Facts, isRehearsal: Bool = false) -> ChangeSet<B.Change> {
        let plan = facts[PlanState.self]
        // Before the first complete snapshot nothing is desired and nothing is surplus (invariant I1).
        guard plan.hasSnapshot else { return ChangeSet() }
        let changeSet = backend.postpone(
            backend.changes(from: observed, facts), observed, facts, isRehearsal: isRehearsal)
        guard isSparing, !plan.isGoingDown else { return changeSet }
        return changeSet.sparingSurplus(
            because: "there are no records of what was here before: it is removed at the next look")
    }

    private func finished(_ round: Round<B.Observed, B.Change>) async {
        var round = named(round)
        round.isSparing = isSparing
        round.late = stillFailing(after: round)
        await backend.finished(round)
        let gaps = round.observed.map { backend.gaps(in: $0, round.facts) } ?? []
        if round.isConverged, round.facts[PlanState.self].hasSnapshot { sparing.withLock { $0 = false } }
        await reporter.record(round, of: B.lane, B.traits, gaps: gaps)
    }

    /// - Parameters:
    ///   - isPatient: no author waits: what a rival undoes continuously is postponed.
    ///   - isPart: whether further changes may be necessary.
    private func apply(
        _ changeSet: ChangeSet<B.Change>, to observed: B.Observed, _ facts: Facts, causes: [String], isDrift: Bool,
        isPatient: Bool, isPart: Bool = false
    ) async -> Round<B.Observed, B.Change> {
        let wanted = B.revision(facts).wanted
        let patient = repairs.withLock { $0.postpone(changeSet, isPatient: isPatient, wanted: wanted, at: .now) }
        let underWay = await backend.underWay()
        let (changeSet, failing) = failures.withLock {
            $0.postpone(patient, isWhole: !isPart, underWay: underWay, wanted: wanted, at: .now)
        }
        let outcomes = changeSet.changes.isEmpty ? [] : await backend.apply(changeSet.changes)
        failures.withLock { $0.note(outcomes, wanted: wanted, at: .now) }
        var round = Round(
            observed: observed, facts: facts, changeSet: changeSet, outcomes: outcomes, causes: causes)
        round.failing = failing
        round.isDrift = isDrift
        round.isPart = isPart
        let done = outcomes.filter { $0.error == nil }.map(\.change)
        round.contested = repairs.withLock { $0.done(done, isDrift: isDrift, wanted: wanted, at: .now) }
        return round
    }
}

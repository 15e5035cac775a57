internal import Convergence
public import HostState
internal import PodmanState

/// Steps that wait for a container to end, beside the lane: one that ignores SIGTERM delays only its replacement (fault
/// 57 of docs/reliability.md).
///
/// At most `width` begin side by side. One that takes longer than `patience` makes room for another, so that any number
/// of containers with a long grace period block no removal.
public actor SlowSteps {
    static let width = 16
    static let patience = Duration.seconds(10)
    /// How long a round waits for the steps that it began, so that most of them end and are reported in that round.
    static let moment = Duration.seconds(1)

    /// The result of a step that a round began.
    enum Outcome {
        case ended(Failure?)
        /// It continues; `onLateEnd` reports its end.
        case goesOn
    }

    private struct Step {
        var change: PodmanChange
        /// Set once it has ended, until the round takes it.
        var end: End?
        /// Whether its turn has come.
        var hasBegun = false
        /// Whether the round that began it has ended without it.
        var isLate = false
        var isReported = false
    }

    private struct End { var failure: Failure? }

    /// The lane whose steps these are, and that gets their reports.
    struct Owner: Sendable {
        /// Called when a step's turn comes, before anything is sent; returns what to apply, with the remaining time.
        var onBegin: @Sendable (PodmanChange) async -> PodmanChange = { $0 }
        var apply: @Sendable (PodmanChange) async throws -> Void
        /// Called for each step that ends after its round, with the error if it failed.
        var onLateEnd: @Sendable (PodmanChange, Failure?) async -> Void = { _, _ in }
        /// Called once such a step is no longer in progress.
        var wake: @Sendable (PodmanChange, Failure?) -> Void = { _, _ in }
    }

    /// nil between two owners: steps that begin or end then wait for the next one.
    private var owner: Owner?
    private var ownerless: [CheckedContinuation<Void, Never>] = []
    /// The number of calls to the owner in progress.
    private var calls = 0
    private var callWaiters: [CheckedContinuation<Void, Never>] = []
    private var steps: [String: Step] = [:]
    private var room = SlowSteps.width
    private var queue: [CheckedContinuation<Void, Never>] = []
    private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    private var waiterCount = 0

    public init() {}

    init(_ owner: Owner) { self.owner = owner }

    /// Takes over the steps, including those that have ended meanwhile.
    func attach(_ owner: Owner) async {
        self.owner = owner
        let waiting = ownerless
        ownerless = []
        for waiter in waiting { waiter.resume() }
        for (id, step) in steps {
            if let end = step.end, step.isLate { await report(id, step.change, end.failure) }
        }
    }

    /// Detaches the owner, which is about to end: once this returns, nothing is reported to it any more. Running steps
    /// continue, and are reported to the next owner.
    public func detach() async {
        owner = nil
        for id in steps.keys { steps[id]?.isLate = true }
        while calls > 0 { await withCheckedContinuation { callWaiters.append($0) } }
    }

    public var isIdle: Bool { steps.isEmpty }

    /// The removals in progress, by the container's id.
    public var removals: [String: ContainerRemoval] {
        steps.compactMapValues { step in
            if case .removeContainer(let name, _, let timeout) = step.change {
                ContainerRemoval(name: name, timeout: timeout)
            } else {
                nil
            }
        }
    }

    /// The objects of the steps in progress.
    var objects: Set<PodmanObject> { Set(steps.values.map(\.change.object)) }

    /// The ids of the containers that are being restored.
    var restoring: Set<String> {
        Set(steps.filter { if case .restoreContainer = $0.value.change { true } else { false } }.keys)
    }

    /// Begins a step on a container, at most one at a time for each.
    ///
    /// - Returns: false when another one is in progress there.
    func begin(_ change: PodmanChange, on id: String) -> Bool {
        guard steps[id] == nil else { return false }
        steps[id] = Step(change: change, isLate: owner == nil)
        Task {
            await enter()
            let leave = Task {
                try? await Task.sleep(for: SlowSteps.patience)
                leaveRoom()
            }
            let owner = await calling { await $0.onBegin(change) }
            steps[id]?.change = owner.result
            steps[id]?.hasBegun = true
            var failure: Failure?
            do { try await owner.owner.apply(owner.result) } catch { failure = Failure(error) }
            leave.cancel()
            await end(id, failure)
        }
        return true
    }

    /// Whether a step still waits for its turn.
    func isQueued(_ id: String) -> Bool { steps[id].map { !$0.hasBegun } ?? false }

    /// Calls the present owner, or the next one.
    private func calling<Result: Sendable>(
        _ body: @Sendable (Owner) async -> Result
    ) async -> (owner: Owner, result: Result) {
        while true {
            if let owner {
                calls += 1
                let result = await body(owner)
                calls -= 1
                if calls == 0 {
                    for waiter in callWaiters { waiter.resume() }
                    callWaiters = []
                }
                return (owner, result)
            }
            await withCheckedContinuation { ownerless.append($0) }
        }
    }

    /// Waits briefly for steps of this round.
    func settle(_ ids: [String]) async -> [String: Outcome] {
        let deadline = ContinuousClock.now + SlowSteps.moment
        while ContinuousClock.now < deadline, ids.contains(where: { steps[$0]?.end == nil }) {
            await waitForAnEnd(atMost: deadline - .now)
        }
        var outcomes: [String: Outcome] = [:]
        for id in ids {
            if let end = steps[id]?.end, steps[id]?.isLate == false {
                outcomes[id] = .ended(end.failure)
                steps[id] = nil
            } else {
                outcomes[id] = .goesOn
                steps[id]?.isLate = true
            }
        }
        return outcomes
    }

    /// Waits until any step has ended.
    public func waitForAnEnd(atMost limit: Duration) async {
        let number = waiterCount
        waiterCount += 1
        let timer = Task {
            try? await Task.sleep(for: limit)
            resume(number)
        }
        await withCheckedContinuation { waiters[number] = $0 }
        timer.cancel()
    }

    private func end(_ id: String, _ failure: Failure?) async {
        steps[id]?.end = End(failure: failure)
        if let step = steps[id], step.isLate { await report(id, step.change, failure) }
        for number in waiters.keys { resume(number) }
    }

    /// Reports a late end to the owner, once.
    private func report(_ id: String, _ change: PodmanChange, _ failure: Failure?) async {
        guard steps[id]?.isReported == false else { return }
        steps[id]?.isReported = true
        let (owner, _) = await calling { await $0.onLateEnd(change, failure) }
        steps[id] = nil
        owner.wake(change, failure)
    }

    private func resume(_ number: Int) { waiters.removeValue(forKey: number)?.resume() }

    private func enter() async {
        guard room == 0 else {
            room -= 1
            return
        }
        await withCheckedContinuation { queue.append($0) }
    }

    /// The next step takes over the slot directly: it is never free in between.
    private func leaveRoom() {
        if queue.isEmpty { room += 1 } else { queue.removeFirst().resume() }
    }
}

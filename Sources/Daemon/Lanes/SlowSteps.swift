internal import Differ
internal import HostState
internal import Podman

/// Steps that wait for a container to end, beside the lane: one that ignores SIGTERM delays nothing but what takes its
/// place (fault 57 of docs/reliability.md).
///
/// At most `width` begin side by side. One that takes longer than `patience` makes room for another, so that any number
/// of containers with a long grace period hold up no removal.
actor SlowSteps {
    static let width = 16
    static let patience = Duration.seconds(10)
    /// How long a round waits for what it began, so that most of it is done and reported in that round.
    static let moment = Duration.seconds(1)

    /// What became of a step that a round began.
    enum Outcome {
        case ended(error: String?)
        /// It goes on; `onLateEnd` reports its end.
        case goesOn
    }

    private struct Step {
        var change: PodmanChange
        /// Set once it has ended, until the round has taken it.
        var end: End?
        /// Whether the round that began it has gone on without it.
        var isLate = false
    }

    private struct End { var error: String? }

    private let apply: @Sendable (PodmanChange) async throws -> Void
    private var onLateEnd: @Sendable (PodmanChange, String?) async -> Void = { _, _ in }
    private var wake: @Sendable () -> Void = {}
    private var steps: [String: Step] = [:]
    private var room = SlowSteps.width
    private var queue: [CheckedContinuation<Void, Never>] = []
    private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    private var waiterCount = 0

    init(apply: @escaping @Sendable (PodmanChange) async throws -> Void) { self.apply = apply }

    /// - Parameters:
    ///   - body: called for each step that ends after its round, with the error if it failed.
    ///   - wake: called once such a step is no longer under way.
    func onLateEnd(
        _ body: @escaping @Sendable (PodmanChange, String?) async -> Void, wake: @escaping @Sendable () -> Void
    ) {
        onLateEnd = body
        self.wake = wake
    }

    var isIdle: Bool { steps.isEmpty }

    /// The removals that are under way, by the container's id.
    var removals: [String: ContainerRemoval] {
        steps.compactMapValues { step in
            if case .removeContainer(let name, _, let timeout) = step.change {
                ContainerRemoval(name: name, timeout: timeout)
            } else {
                nil
            }
        }
    }

    /// The ids of the containers that are being restored.
    var restoring: Set<String> {
        Set(steps.filter { if case .restoreContainer = $0.value.change { true } else { false } }.keys)
    }

    /// Begins a step on a container, at most one at a time for each.
    func begin(_ change: PodmanChange, on id: String) {
        guard steps[id] == nil else { return }
        steps[id] = Step(change: change)
        Task {
            await enter()
            let leave = Task {
                try? await Task.sleep(for: SlowSteps.patience)
                leaveRoom()
            }
            var failure: String?
            do { try await apply(change) } catch { failure = "\(error)" }
            leave.cancel()
            await end(id, failure)
        }
    }

    /// Waits a moment for steps of this round.
    func settle(_ ids: [String]) async -> [String: Outcome] {
        let deadline = ContinuousClock.now + SlowSteps.moment
        while ContinuousClock.now < deadline, ids.contains(where: { steps[$0]?.end == nil }) {
            await waitForAnEnd(atMost: deadline - .now)
        }
        var outcomes: [String: Outcome] = [:]
        for id in ids {
            if let end = steps[id]?.end {
                outcomes[id] = .ended(error: end.error)
                steps[id] = nil
            } else {
                outcomes[id] = .goesOn
                steps[id]?.isLate = true
            }
        }
        return outcomes
    }

    /// Waits until any step has ended.
    func waitForAnEnd(atMost limit: Duration) async {
        let number = waiterCount
        waiterCount += 1
        let timer = Task {
            try? await Task.sleep(for: limit)
            resume(number)
        }
        await withCheckedContinuation { waiters[number] = $0 }
        timer.cancel()
    }

    private func end(_ id: String, _ failure: String?) async {
        if let step = steps[id], step.isLate {
            await onLateEnd(step.change, failure)
            steps[id] = nil
            wake()
        } else {
            steps[id]?.end = End(error: failure)
        }
        for number in waiters.keys { resume(number) }
    }

    private func resume(_ number: Int) { waiters.removeValue(forKey: number)?.resume() }

    private func enter() async {
        guard room == 0 else {
            room -= 1
            return
        }
        await withCheckedContinuation { queue.append($0) }
    }

    /// The place passes on without being free in between.
    private func leaveRoom() {
        if queue.isEmpty { room += 1 } else { queue.removeFirst().resume() }
    }
}

import Convergence
import HostState
import Logging
import NetworkState
import Synchronization
import Testing

@testable import Reconciler

/// A world of names: what is wanted, what there is, and what refuses.
final class NamesBackend: Backend {
    struct State {
        var wanted: Set<String> = []
        var present: Set<String> = []
        var refused: Set<String> = []
        var applied = 0
        /// A link that nothing wants any more.
        var surplus: String?
        var rounds: [Round<Set<String>, KernelChange>] = []
        var canObserve = true
        var due: ContinuousClock.Instant?
        /// What has to wait although it is wanted.
        var waiting: Set<String> = []
        /// What a rival takes away whenever it stands.
        var contested: Set<String> = []
    }
    struct Blind: Error {}

    let state = Mutex(State())
    let board = FactBoard()

    init() { board.prepare { $0[PlanState.self].hasSnapshot = true } }

    /// What is wanted is another edition.
    func edit() { board.prepare { $0[PlanState.self].number += 1 } }

    /// What happens while changes are applied.
    let onApply = Mutex<(@Sendable () async -> Void)?>(nil)
    /// Whether what is applied is not there when it is looked at.
    let isForgetful = Atomic(false)

    static let lane = LaneName(rawValue: "names")
    static let traits = LaneTraits(
        unavailable: "Unavailable", errors: "names", decides: [], notCompared: nil, noun: "names")
    static let wanted: [any Fact.Type] = [PlanState.self]
    static let reads: [any Fact.Type] = []

    func observe(_ facts: Facts) async throws -> Set<String> {
        try state.withLock { state in
            guard state.canObserve else { throw Blind() }
            return state.present
        }
    }

    func changes(from observed: Set<String>, _ facts: Facts) -> ChangeSet<KernelChange> {
        var set = ChangeSet<KernelChange>()
        let waiting = state.withLock { $0.waiting }
        for key in state.withLock({ $0.wanted }).subtracting(observed).sorted() {
            let change = KernelChange.setSysctl(DesiredSysctl(key: key, value: "1"), before: nil)
            if waiting.contains(key) {
                set.waiting.append(WaitingChange(change, reason: "another one"))
            } else {
                set.changes.append(change)
            }
        }
        if let surplus = state.withLock({ $0.surplus }) {
            set.changes.append(
                .deleteLink(ObservedLink(index: 1, name: surplus, kind: "bridge", mtu: 1500, isUp: true)))
        }
        return set
    }

    func apply(_ changes: [KernelChange]) async -> [Outcome<KernelChange>] {
        await onApply.withLock { $0 }?()
        return state.withLock { state in
            changes.map { change in
                if case .deleteLink = change { state.surplus = nil }
                guard case .setSysctl(let sysctl, _) = change else { return Outcome(change) }
                state.applied += 1
                if state.refused.contains(sysctl.key) { return Outcome(change, error: "refused") }
                if !isForgetful.load(ordering: .relaxed) { state.present.insert(sysctl.key) }
                return Outcome(change)
            }
        }
    }

    func finished(_ round: Round<Set<String>, KernelChange>) async {
        state.withLock { state in
            state.rounds.append(round)
            if round.isConverged || !state.refused.isEmpty { state.present.subtract(state.contested) }
        }
    }

    func nextDue() -> ContinuousClock.Instant? { state.withLock { $0.due } }
}

/// Keeps the rounds of what ended late.
final class Reporter: RoundReporter {
    let contested = Mutex<[Int]>([])

    func record<O, Change>(_ round: Round<O, Change>, of lane: LaneName, _ traits: LaneTraits, gaps: [Gap]) async {}
    func recordPart<O, Change>(_ round: Round<O, Change>, of lane: LaneName, _ traits: LaneTraits) async {}
    func recordEnd<O, Change>(_ round: Round<O, Change>, of lane: LaneName, _ traits: LaneTraits) async {
        contested.withLock { $0.append(round.contested.count) }
    }
    func goesOn<Change: HostChange>(_ change: Change, progress: String) async {}
}

func lane(_ backend: NamesBackend, resync: Duration = .seconds(600)) -> Lane<NamesBackend> {
    Lane(
        backend: backend, board: backend.board, reporter: Reporter(), resync: resync, logger: Logger(label: "test"))
}

/// Waits for a condition with a generous deadline.
func eventually(_ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return false
}

/// Wakes a lane that runs until it has had so many rounds.
func rounds(_ count: Int, of lane: Lane<NamesBackend>) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while lane.done.rounds < count, ContinuousClock.now < deadline {
        lane.wake("neighbour", isPressing: lane.done.rounds % 100 == 0)
        await Task.yield()
    }
    return lane.done.rounds >= count
}

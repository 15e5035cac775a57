import Convergence
import HostState
import NetworkState
import PodmanState
import Testing

@testable import Daemon
@testable import Reconciler

/// A failure that repeats is told once, and then once in ten minutes with how often it happened.
@Suite struct FailureLedgerTests {
    private let begin = ContinuousClock.now

    private func change(_ key: String = "a") -> KernelChange {
        .setSysctl(DesiredSysctl(key: key, value: "1"), before: nil)
    }

    /// The texts that are told of a round, and how often each happened.
    private func told(
        _ ledger: inout FailureLedger, _ outcomes: [Outcome<KernelChange>], lane: LaneName = .network,
        after seconds: Int = 0
    ) -> [String: Int] {
        var round = Round(observed: 0, changeSet: ChangeSet<KernelChange>(), outcomes: outcomes, causes: [])
        let counts = ledger.filter(&round, lane: lane, at: begin + .seconds(seconds))
        return Dictionary(
            uniqueKeysWithValues: round.outcomes.map { ($0.error ?? "done", counts.changes[$0.change.object] ?? 1) })
    }

    @Test func aFailureIsToldOnceAndThenCounted() {
        var ledger = FailureLedger()
        #expect(told(&ledger, [Outcome(change(), error: "refused")]) == ["refused": 1])
        for second in 1...99 {
            #expect(told(&ledger, [Outcome(change(), error: "refused")], after: second) == [:])
        }
        #expect(told(&ledger, [Outcome(change("b"), error: "refused")], after: 99) == ["refused": 1])
        #expect(told(&ledger, [Outcome(change(), error: "refused")], lane: .podman, after: 99) == ["refused": 1])
        #expect(told(&ledger, [Outcome(change(), error: "refused")], after: 600) == ["refused": 100])
        #expect(told(&ledger, [Outcome(change(), error: "refused")], after: 601) == [:])
    }

    @Test func anotherErrorIsToldAtOnceButNotForEver() {
        var ledger = FailureLedger()
        let counts = (0..<50).map { told(&ledger, [Outcome(change(), error: "refused \($0)")]).count }
        #expect(counts.reduce(0, +) == FailureLedger.textLimit)
    }

    @Test func whatSucceedsIsToldAndForgotten() {
        var ledger = FailureLedger()
        _ = told(&ledger, [Outcome(change(), error: "refused")])
        #expect(told(&ledger, [Outcome(change())]) == ["done": 1])
        #expect(told(&ledger, [Outcome(change(), error: "refused")]) == ["refused": 1])
        #expect(told(&ledger, []) == [:], "a round that finds nothing to do")
        #expect(told(&ledger, [Outcome(change(), error: "refused")]) == ["refused": 1])
    }

    @Test func aLookThatFailsIsToldOnce() {
        var ledger = FailureLedger()
        let errors = (0..<3).map { second in
            var round = Round<Int, KernelChange>(
                observed: nil, observeError: "Podman does not answer", changeSet: ChangeSet<KernelChange>(),
                outcomes: [], causes: [])
            _ = ledger.filter(&round, lane: .podman, at: begin + .seconds(second))
            return round.observeError
        }
        #expect(errors == ["Podman does not answer", nil, nil])
    }
}

internal import ControlAPI
internal import Convergence
internal import HostState
internal import Reconciler

/// A lane, independent of what it converges.
protocol AnyLane: Sendable {
    var name: LaneName { get }
    var traits: LaneTraits { get }
    /// What the lane has done so far.
    var done: LaneTally { get }
    var isSparing: Bool { get }

    func attach() async
    func run() async
    func watch() async
    func wake(_ cause: String, isPressing: Bool)
    func retry(_ cause: String)
    func convergeOnce() async -> Bool
    func writes() async -> [String: Int]

    /// Observes for a dry run, and puts the observation into the facts.
    func preview(_ facts: inout Facts) async throws -> any LanePreview
    /// Puts into the facts that nothing can be observed.
    func showNothing(in facts: inout Facts)
}

/// A lane's observation for a dry run, to be compared once all lanes have observed.
protocol LanePreview: Sendable {
    /// - Parameter localNode: this host's Node, whether or not a manifest names it.
    func compared(_ facts: Facts, localNode: String) -> any LaneComparison
}

/// What a lane would do.
protocol LaneComparison: Sendable {
    func addChanges(to report: inout DiffReport)
    func addWaiting(to report: inout DiffReport)
    func addLater(to report: inout DiffReport)
}

extension Lane: AnyLane {
    var name: LaneName { B.lane }
    var traits: LaneTraits { B.traits }

    func preview(_ facts: inout Facts) async throws -> any LanePreview {
        let observed = try await backend.observe(facts)
        backend.show(observed, in: &facts)
        return Preview(lane: self, observed: observed)
    }

    func showNothing(in facts: inout Facts) { backend.show(nil, in: &facts) }
}

private struct Preview<B: Backend>: LanePreview {
    let lane: Lane<B>
    let observed: B.Observed

    func compared(_ facts: Facts, localNode: String) -> any LaneComparison {
        let changes = lane.compare(observed, facts, isRehearsal: true)
        return Comparison(
            changes: changes, later: lane.backend.later(changes, observed, facts),
            gaps: lane.backend.gaps(in: observed, facts), owners: Owners(facts.desired, localNode: localNode))
    }
}

private struct Comparison<Change: HostChange>: LaneComparison {
    let changes: ChangeSet<Change>
    let later: [LaterChange<Change>]
    let gaps: [Gap]
    let owners: Owners

    func addChanges(to report: inout DiffReport) {
        report.unknown += gaps.map { "\($0.resource) was not compared: \($0.reason)" }
        report.add(changes: changes, owners: owners)
        report.add(conflicts: changes.conflicts)
    }

    func addWaiting(to report: inout DiffReport) {
        report.add(waiting: changes, owners: owners)
        report.markReplacements(of: changes)
    }

    func addLater(to report: inout DiffReport) { report.add(later: later, of: changes, owners: owners) }
}

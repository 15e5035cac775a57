internal import Convergence
internal import ControlAPI
internal import HostState
internal import Reconciler

/// A lane, whatever it converges.
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

    /// Observes for a dry run, and puts into the picture what follows from it.
    func preview(_ facts: inout Facts) async throws -> any LanePreview
    /// Puts into the picture that nothing can be observed.
    func showNothing(in facts: inout Facts)
}

/// What a lane observed for a dry run.
protocol LanePreview: Sendable {
    /// Compares, and puts the result into the report.
    func add(to report: inout DiffReport, _ facts: Facts)
}

extension Lane: AnyLane {
    var name: LaneName { B.lane }
    var traits: LaneTraits { B.traits }

    func preview(_ facts: inout Facts) async throws -> any LanePreview {
        let observed = try await backend.observe(facts)
        backend.show(observed, in: &facts)
        return Preview(backend: backend, observed: observed)
    }

    func showNothing(in facts: inout Facts) { backend.show(nil, in: &facts) }
}

private struct Preview<B: Backend>: LanePreview {
    let backend: B
    let observed: B.Observed

    func add(to report: inout DiffReport, _ facts: Facts) {
        report.unknown += backend.gaps(in: observed, facts).map { "\($0.resource) was not compared: \($0.reason)" }
        let owners = Owners(facts.desired)
        let changes = backend.changes(from: observed, facts)
        report.add(changes, owners: owners)
        report.add(backend.later(changes, observed, facts), owners: owners)
    }
}

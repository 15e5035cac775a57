public import Convergence
public import HostState

/// One backend, or several that are ordered as one, converged on its own schedule by a `Lane`.
///
/// Observing writes nothing, comparing is pure: a dry run stops there, and calls neither `prepare` nor `note`.
public protocol Backend: Sendable {
    associatedtype Change: HostChange
    associatedtype Observed: Sendable

    static var lane: LaneName { get }
    static var traits: LaneTraits { get }
    /// The facts that say what is wanted: work found although none of them changed is drift.
    static var wanted: [any Fact.Type] { get }
    /// Facts of other lanes that `changes` depends on: work found after a change of one is no drift.
    static var reads: [any Fact.Type] { get }
    /// Facts whose change wakes the lane. That manifests want something else is said to it (`Lane.wake`).
    static var wakes: [any Fact.Type] { get }

    /// Reads what there is. Bounded in time by the backend itself.
    ///
    /// - Parameter facts: the picture that the observation is compared in.
    func observe(_ facts: Facts) async throws -> Observed

    /// Puts into a picture what follows from an observation, as if it had been published; nil when observing failed.
    func show(_ observed: Observed?, in facts: inout Facts)

    /// Compares with what is wanted. Pure over the values at hand. Never called before a plan is known (invariant I1).
    func changes(from observed: Observed, _ facts: Facts) -> ChangeSet<Change>

    /// Takes note of what is wanted before it is observed.
    func prepare(_ facts: Facts)

    /// Takes note of an observation before it is compared.
    func note(_ observed: Observed, _ facts: Facts) async

    /// Postpones changes for reasons of its own: a back-off.
    ///
    /// - Parameter isRehearsal: whether it is for a dry run, which leaves no trace.
    func postpone(
        _ changes: ChangeSet<Change>, _ observed: Observed, _ facts: Facts, isRehearsal: Bool
    ) -> ChangeSet<Change>

    /// What could not be read while the rest could: each resource with the reason.
    func gaps(in observed: Observed, _ facts: Facts) -> [Gap]

    /// What becomes possible in a later round only, for a dry run, with the reason to wait.
    func later(_ changes: ChangeSet<Change>, _ observed: Observed, _ facts: Facts) -> [LaterChange<Change>]

    /// Applies in order, goes on past a failure, and reports the result of each.
    func apply(_ changes: [Change]) async -> [Outcome<Change>]

    /// Called after each round, the last one of a wake-up being the read-back; publishes what was observed.
    func finished(_ round: Round<Observed, Change>) async

    /// When something that the last round postponed may be done, so that the lane looks again by itself; nil: nothing.
    func nextDue() -> ContinuousClock.Instant?

    /// What a change of an earlier round still goes on with; its end is reported to the lane.
    func underWay() async -> Set<Change.Object>

    /// Who undoes our repairs of an object; nil when it cannot be known.
    func rival(of object: Change.Object) -> String?

    /// Called once, before the lane runs.
    func attach(to lane: Lane<Self>) async

    /// Wakes the lane when what it looks after changes, until the task is cancelled.
    func watch(_ lane: Lane<Self>) async

    /// How many changes were made in each system, for metrics.
    func writes() async -> [String: Int]
}

extension Backend {
    public static var wakes: [any Fact.Type] { reads }

    public func show(_ observed: Observed?, in facts: inout Facts) {}
    public func prepare(_ facts: Facts) {}
    public func note(_ observed: Observed, _ facts: Facts) async {}
    public func postpone(
        _ changes: ChangeSet<Change>, _ observed: Observed, _ facts: Facts, isRehearsal: Bool
    ) -> ChangeSet<Change> { changes }
    public func gaps(in observed: Observed, _ facts: Facts) -> [Gap] { [] }
    public func later(_ changes: ChangeSet<Change>, _ observed: Observed, _ facts: Facts) -> [LaterChange<Change>] {
        []
    }
    public func finished(_ round: Round<Observed, Change>) async {}
    public func nextDue() -> ContinuousClock.Instant? { nil }
    public func underWay() async -> Set<Change.Object> { [] }
    public func rival(of object: Change.Object) -> String? { nil }
    public func attach(to lane: Lane<Self>) async {}

    /// Nothing notifies: the resync finds what has changed.
    public func watch(_ lane: Lane<Self>) async {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }

    public func writes() async -> [String: Int] { [:] }

    static func revision(_ facts: Facts) -> Revision {
        Revision(wanted: facts.edition(of: wanted), neighbours: facts.edition(of: reads))
    }
}

/// What sets one lane apart from the others where all of them are reported.
public struct LaneTraits: Sendable {
    /// The reason of the event when it cannot observe.
    public var unavailable: String
    /// The name of its errors in metrics.
    public var errors: String
    /// The kinds of resources whose condition Programmed it decides. One that decides none is reported, and makes nothing
    /// less than ready.
    public var decides: Set<ResourceReference.Kind>
    /// Lanes whose objects its own need: `wgctl down` takes its own away first.
    public var standsOn: Set<LaneName>
    /// What was not compared when a dry run cannot observe it: `the firewall was`. nil when nothing can be compared
    /// without it.
    public var notCompared: String?
    /// What it looks after: `the firewall`.
    public var noun: String

    public init(
        unavailable: String, errors: String, decides: Set<ResourceReference.Kind>, standsOn: Set<LaneName> = [],
        notCompared: String?, noun: String
    ) {
        self.unavailable = unavailable
        self.errors = errors
        self.decides = decides
        self.standsOn = standsOn
        self.notCompared = notCompared
        self.noun = noun
    }
}

/// A resource that could not be observed, and why.
public struct Gap: Hashable, Sendable {
    public var resource: ResourceReference
    public var reason: String

    public init(_ resource: ResourceReference, reason: String) {
        self.resource = resource
        self.reason = reason
    }
}

/// A change of a later round.
public struct LaterChange<Change: HostChange>: Sendable {
    public var change: Change
    public var reason: String
    /// Whether something of ours goes for it.
    public var isReplacement: Bool

    public init(_ change: Change, reason: String, isReplacement: Bool) {
        self.change = change
        self.reason = reason
        self.isReplacement = isReplacement
    }
}

/// Keeps the inventory: what it notes is on disk before the object is created.
public protocol InventoryKeeper: Sendable {
    /// Changes the inventory, and saves it if it differs. `body` must not read the board.
    @discardableResult
    func amend<Result: Sendable>(_ body: @Sendable (inout Inventory) -> Result) async -> Result

    /// Whether what was noted is lost if the daemon is killed now.
    var isUnrecorded: Bool { get }
}

/// Is given what lanes do: events, conditions, counters.
public protocol RoundReporter: Sendable {
    /// A whole round; `gaps` could not be observed.
    func record<O, Change>(_ round: Round<O, Change>, of lane: LaneName, _ traits: LaneTraits, gaps: [Gap]) async

    /// Changes that were made without an observation: the one behind them says what is left to do.
    func recordPart<O, Change>(_ round: Round<O, Change>, of lane: LaneName, _ traits: LaneTraits) async

    /// The end of a change that went on beside the lane, as a round of its own.
    func recordEnd<O, Change>(_ round: Round<O, Change>, of lane: LaneName, _ traits: LaneTraits) async

    /// A change goes on beside the lane.
    ///
    /// - Parameter progress: words that follow its target: `was sent SIGTERM and has not ended yet`.
    func goesOn<Change: HostChange>(_ change: Change, progress: String) async
}

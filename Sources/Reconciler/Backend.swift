public import Convergence
public import HostState

/// One backend, or several with a common order, converged on its own schedule by a `Lane`.
///
/// Observing writes nothing, comparing is pure: a dry run stops there, and does not call `prepare` or `note`.
public protocol Backend: Sendable {
    associatedtype Change: HostChange
    associatedtype Observed: Sendable

    static var lane: LaneName { get }
    static var traits: LaneTraits { get }
    /// The facts that define the desired state: changes found although none of these facts changed are drift.
    static var wanted: [any Fact.Type] { get }
    /// Facts of other lanes that `changes` depends on: changes found after one of them changed are no drift.
    static var reads: [any Fact.Type] { get }
    /// Facts whose change wakes the lane. A change of the manifests wakes it through `Lane.wake`.
    static var wakes: [any Fact.Type] { get }

    /// Reads the current state. The backend itself limits the time.
    ///
    /// - Parameter facts: the facts that the observation is compared in.
    func observe(_ facts: Facts) async throws -> Observed

    /// Puts the consequences of an observation into the facts, as if it had been published; nil when observing failed.
    func show(_ observed: Observed?, in facts: inout Facts)

    /// Compares with the desired state. Pure. Never called before a plan is known (invariant I1).
    func changes(from observed: Observed, _ facts: Facts) -> ChangeSet<Change>

    /// Prepares for the desired state before it is observed.
    func prepare(_ facts: Facts)

    /// Processes an observation before it is compared.
    func note(_ observed: Observed, _ facts: Facts) async

    /// Postpones changes for the backend's own reasons, such as a back-off.
    ///
    /// - Parameter isRehearsal: whether it is for a dry run, which must leave no trace.
    func postpone(
        _ changes: ChangeSet<Change>, _ observed: Observed, _ facts: Facts, isRehearsal: Bool
    ) -> ChangeSet<Change>

    /// Resources that could not be read although others could, each with the reason.
    func gaps(in observed: Observed, _ facts: Facts) -> [Gap]

    /// Changes that become possible only in a later round, with the reason to wait; for a dry run.
    func later(_ changes: ChangeSet<Change>, _ observed: Observed, _ facts: Facts) -> [LaterChange<Change>]

    /// Applies in order, continues after a failure, and reports the result of each change.
    func apply(_ changes: [Change]) async -> [Outcome<Change>]

    /// Called after each round, the last one of a wake-up being the read-back; publishes the observation.
    func finished(_ round: Round<Observed, Change>) async

    /// When something that the last round postponed becomes due, so that the lane starts a round; nil: nothing.
    func nextDue() -> ContinuousClock.Instant?

    /// Objects of changes of earlier rounds that are still in progress; their end is reported to the lane.
    func underWay() async -> Set<Change.Object>

    /// The program that undoes our repairs of an object; nil when unknown.
    func rival(of object: Change.Object) -> String?

    /// Called once, before the lane runs.
    func attach(to lane: Lane<Self>) async

    /// Wakes the lane when its objects change, until the task is cancelled.
    func watch(_ lane: Lane<Self>) async

    /// The number of changes made in each system, for metrics.
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

    /// Without notifications, the resync finds what has changed.
    public func watch(_ lane: Lane<Self>) async {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }

    public func writes() async -> [String: Int] { [:] }

    static func revision(_ facts: Facts) -> Revision {
        Revision(wanted: facts.edition(of: wanted), neighbours: facts.edition(of: reads))
    }
}

/// The properties of a lane that reports need.
public struct LaneTraits: Sendable {
    /// The reason of the event when the lane cannot observe.
    public var unavailable: String
    /// The name of its errors in metrics.
    public var errors: String
    /// The kinds of resources whose condition Programmed the lane decides. A lane that decides none is reported, but
    /// makes no resource less ready.
    public var decides: Set<ResourceReference.Kind>
    /// Lanes whose objects this lane's objects need: `wgctl down` removes this lane's objects first.
    public var standsOn: Set<LaneName>
    /// What was not compared when a dry run cannot observe this lane: `the firewall was`. nil when nothing can be
    /// compared without it.
    public var notCompared: String?
    /// What the lane manages: `the firewall`.
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

/// A change for a later round.
public struct LaterChange<Change: HostChange>: Sendable {
    public var change: Change
    public var reason: String
    /// Whether it replaces something of ours.
    public var isReplacement: Bool

    public init(_ change: Change, reason: String, isReplacement: Bool) {
        self.change = change
        self.reason = reason
        self.isReplacement = isReplacement
    }
}

/// Keeps the inventory: an entry is on disk before the object is created.
public protocol InventoryKeeper: Sendable {
    /// Changes the inventory, and saves it if it changed. `body` must not read the board.
    @discardableResult
    func amend<Result: Sendable>(_ body: @Sendable (inout Inventory) -> Result) async -> Result

    /// Whether inventory entries are lost if the daemon is killed now.
    var isUnrecorded: Bool { get }
}

/// Receives the results of lanes: events, conditions, counters.
public protocol RoundReporter: Sendable {
    /// A whole round; `gaps` are the resources that could not be observed.
    func record<O, Change>(_ round: Round<O, Change>, of lane: LaneName, _ traits: LaneTraits, gaps: [Gap]) async

    /// Changes made without an observation: the next observation shows what is left to do.
    func recordPart<O, Change>(_ round: Round<O, Change>, of lane: LaneName, _ traits: LaneTraits) async

    /// The end of a change that ran beside the lane, as a separate round.
    func recordEnd<O, Change>(_ round: Round<O, Change>, of lane: LaneName, _ traits: LaneTraits) async

    /// A change is still in progress beside the lane.
    ///
    /// - Parameter progress: words that follow its target: `was sent SIGTERM and has not ended yet`.
    func goesOn<Change: HostChange>(_ change: Change, progress: String) async
}

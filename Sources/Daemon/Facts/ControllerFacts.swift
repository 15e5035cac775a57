internal import Convergence
internal import Foundation
internal import HostState
internal import NetAddress
internal import Reconciler
internal import Resources

/// The facts that only the host controller writes.
struct ControllerFacts: Sendable {
    let plan: FactWriter<PlanState>
    let manifests: FactWriter<AcceptedManifests>
    let source: FactWriter<SourceState>
    let identity: FactWriter<HostIdentity>
    let policy: FactWriter<PolicyReport>
    let limits: FactWriter<HostLimits>
    let key: FactWriter<KeyState>

    init(_ board: FactBoard) {
        plan = board.writer()
        manifests = board.writer()
        source = board.writer()
        identity = board.writer()
        policy = board.writer()
        limits = board.writer()
        key = board.writer()
    }

    /// Adopts the plan of the manifests, unless `wgctl down` has begun: then nothing is desired any more.
    func want(
        _ desired: DesiredHost, from accepted: AcceptedSet, conflicts: HostConflicts,
        violations: [ResourceReference: String]
    ) {
        // Both in one step: new manifests must not be assessed against an old plan.
        plan.update(
            { plan in
                let before = plan.number
                plan.want(desired)
                return plan.number != before
            },
            with: manifests
        ) { manifests, plan in
            guard !plan.isGoingDown else { return false }
            manifests.accepted = accepted
            manifests.conflicts = conflicts
            manifests.violations = violations
            return true
        }
    }
}

/// The accepted manifests, and what only this host knows about them.
struct AcceptedManifests: Fact {
    var accepted = AcceptedSet()
    /// When this host first accepted each resource.
    var creationTimestamps: [ResourceKey: Date] = [:]
    /// Overlays that conflict with routes or addresses of this host.
    var conflicts = HostConflicts()
    /// What this host's policy freezes, by object, with the mistakes, one per line.
    var violations: [ResourceReference: String] = [:]
}

/// Whether the manifests can be read, and how they are watched.
struct SourceState: Fact {
    /// Why they cannot be read; nil when they can.
    var error: String?
    /// Why nothing is changed on a host whose records are lost; nil when nothing is in doubt.
    var doubt: String?
    /// Why they are not watched as well as possible; nil when they are.
    var degraded: String?
    /// Who else could write them, where that is allowed; nil when nobody could, or nothing is read.
    var insecure: String?
}

/// The host policy as reports show it. It is a fact because the controller is busy while it judges a fleet.
struct PolicyReport: Fact {
    var source = ""
    /// Why the policy file does not count, one reason per line; empty when it counts.
    var warnings: [String] = []
    /// The keys that override the manifests': pinned ones, overridden in turn by the command line's.
    var keys: [String: PublicKey] = [:]
}

/// Whether this host's own key can be used.
struct KeyState: Fact {
    /// Why it cannot be used; nil when it can.
    var error: String?
}

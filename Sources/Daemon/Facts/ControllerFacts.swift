internal import Convergence
internal import Foundation
internal import HostState
internal import NetAddress
internal import Reconciler
internal import Resources

/// What the host controller writes, and nobody else.
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

    /// Takes over what the manifests say, unless `wgctl down` has begun: then nothing is wanted any more.
    func want(
        _ desired: DesiredHost, from accepted: AcceptedSet, conflicts: HostConflicts,
        violations: [ResourceReference: String]
    ) {
        // At once: an assessment of new manifests by an old plan would be wrong.
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

/// The manifests that count, and what this host alone finds about them.
struct AcceptedManifests: Fact {
    var accepted = AcceptedSet()
    /// When this host first accepted each resource.
    var creationTimestamps: [ResourceKey: Date] = [:]
    /// Overlays that clash with routes or addresses of this host.
    var conflicts = HostConflicts()
    /// What this host's policy freezes, by object, with the mistakes, one a line.
    var violations: [ResourceReference: String] = [:]
}

/// Whether the manifests can be read, and in which way.
struct SourceState: Fact {
    /// Why they cannot; nil when they can.
    var error: String?
    /// Why nothing is changed on a host whose records are lost; nil when nothing is in doubt.
    var doubt: String?
    /// Why they are not watched as well as they could be; nil when they are.
    var degraded: String?
    /// Who else could write them, where that is allowed; nil where nobody could, or nothing is read.
    var insecure: String?
}

/// The host policy as reports show it. A fact, and not asked of the controller, which is busy for as long as it judges a
/// fleet.
struct PolicyReport: Fact {
    var source = ""
    /// Why its file does not count if it does not, a line each.
    var warnings: [String] = []
    /// The keys that count in place of the manifests': pinned ones, and above them the command line's.
    var keys: [String: PublicKey] = [:]
}

/// Whether this host's own key can be used.
struct KeyState: Fact {
    /// Why it cannot; nil when it can.
    var error: String?
}

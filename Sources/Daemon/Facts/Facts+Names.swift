internal import Convergence
internal import Foundation
internal import HostState
internal import NetAddress
internal import Resources

/// Short names for what reports and conditions read.
extension Facts {
    var accepted: AcceptedSet {
        get { self[AcceptedManifests.self].accepted }
        set { self[AcceptedManifests.self].accepted = newValue }
    }
    var creationTimestamps: [ResourceKey: Date] { self[AcceptedManifests.self].creationTimestamps }
    var source: SourceState { self[SourceState.self] }
    var policy: PolicyReport { self[PolicyReport.self] }

    var plan: PlanState { self[PlanState.self] }
    var desired: DesiredHost {
        get { self[PlanState.self].desired }
        set { self[PlanState.self].desired = newValue }
    }
    var hasSnapshot: Bool {
        get { self[PlanState.self].hasSnapshot }
        set { self[PlanState.self].hasSnapshot = newValue }
    }
    var isGoingDown: Bool { self[PlanState.self].isGoingDown }
    var identities: Identities { self[HostIdentity.self].identities }
    var nameChange: String? { self[HostIdentity.self].nameChange }

    var hostConflicts: HostConflicts {
        get { self[AcceptedManifests.self].conflicts }
        set { self[AcceptedManifests.self].conflicts = newValue }
    }
    var policyViolations: [ResourceReference: String] {
        get { self[AcceptedManifests.self].violations }
        set { self[AcceptedManifests.self].violations = newValue }
    }
    var keyError: String? {
        get { self[KeyState.self].error }
        set { self[KeyState.self].error = newValue }
    }

    var kernel: ObservedKernel? {
        get { self[KernelObservation.self].kernel }
        set { self[KernelObservation.self].kernel = newValue }
    }
    var podman: PodmanView {
        get { self[PodmanObservation.self].view }
        set { self[PodmanObservation.self].view = newValue }
    }
    var pullErrors: [String: String] {
        get { self[PodmanFailures.self].pulls }
        set { self[PodmanFailures.self].pulls = newValue }
    }
    var startErrors: [String: String] {
        get { self[PodmanFailures.self].starts }
        set { self[PodmanFailures.self].starts = newValue }
    }
    var resolved: [String: [IPAddress]] {
        get { self[ResolvedNames.self].addresses }
        set { self[ResolvedNames.self].addresses = newValue }
    }
    var inventory: Inventory {
        get { self[InventoryState.self].inventory }
        set { self[InventoryState.self].inventory = newValue }
    }

    var outstanding: [LaneName: Outstanding] {
        get { self[LaneReports.self].outstanding }
        set { self[LaneReports.self].outstanding = newValue }
    }
    var probes: [PeerKey: PeerProbe] {
        get { self[PeerProbes.self].probes }
        set { self[PeerProbes.self].probes = newValue }
    }
    var probePeriod: Duration { self[PeerProbes.self].period }
}

extension Facts {
    /// The container of ours that a manifest of this host names, whatever its name in Podman; nil when Podman has none,
    /// or does not answer.
    func container(_ name: String) -> ObservedContainer? {
        guard case .observed(let podman) = podman, let id = inventory.containers[name]?.id else { return nil }
        if let found = podman.containers[name], found.id == id { return found }
        return podman.containers.values.first { $0.id == id }
    }

    /// Podman counts only its own.
    func restarts(of container: ObservedContainer, _ name: String) -> Int {
        container.restartCount + (inventory.containers[name]?.restarts ?? 0)
    }

    /// What the last round of each lane left undone, one line each.
    var remains: [String] {
        outstanding.sorted { $0.key < $1.key }.flatMap { lane, outstanding in
            outstanding.waiting.map { "left: \($0.target): \($0.reason)" }
                + outstanding.conflicts.map { "left: \($0.message)" }
                + (outstanding.error.map { ["left: what the \(lane) lane looks after: \($0)"] } ?? [])
        }
    }
}

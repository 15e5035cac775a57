internal import Convergence
internal import HostState
internal import Resources

extension Assessment {
    /// Programmed of an object that this host's policy freezes: false, even if an older version of it exists.
    func held(_ object: ResourceReference) -> AssessedCondition? {
        state.policyViolations[object].map { AssessedCondition(.programmed, .false, Reason.policyViolation, $0) }
    }

    /// A frozen container may still run in its earlier version.
    func heldContainer(_ object: ResourceReference) -> [AssessedCondition] {
        let programmed = held(object).map { [$0] } ?? []
        guard case .observed = state.podman else {
            return programmed + [AssessedCondition(.ready, .unknown, Reason.pending, "Podman does not answer")]
        }
        guard let found = state.container(object.name) else {
            return programmed + [AssessedCondition(.ready, .false, Reason.policyViolation, "not created")]
        }
        return programmed + [readiness(of: found)]
    }

    /// A frozen overlay may still exist in its earlier version.
    func heldOverlay(_ name: String, _ programmed: AssessedCondition) -> [AssessedCondition] {
        let links = state.kernel?.links.values.filter { $0.alias == mark(of: name) } ?? []
        guard !links.isEmpty else {
            return [programmed, AssessedCondition(.ready, .false, Reason.policyViolation, "not set up")]
        }
        let areUp = links.allSatisfy(\.isUp)
        return [
            programmed,
            areUp
                ? AssessedCondition(.ready, .true, Reason.ready, "stands as it was")
                : AssessedCondition(.ready, .false, Reason.notReady, "an interface is down"),
        ]
    }
}

internal import Convergence
internal import HostState
internal import Resources

extension Assessment {
    /// Programmed of what this host's policy holds, which is not as its manifest wants it, whatever stands.
    func held(_ object: ResourceReference) -> AssessedCondition? {
        state.policyViolations[object].map { AssessedCondition(.programmed, .false, Reason.policyViolation, $0) }
    }

    /// A container that is held may run as it was before.
    func heldContainer(_ object: ResourceReference) -> [AssessedCondition] {
        let programmed = held(object).map { [$0] } ?? []
        guard case .observed = state.podman else {
            return programmed + [AssessedCondition(.ready, .unknown, Reason.pending, "Podman does not answer")]
        }
        guard let found = state.container(object.name) else {
            return programmed + [AssessedCondition(.ready, .false, Reason.policyViolation, "not created")]
        }
        return programmed + [readiness(of: found, notLive: Reason.notReady)]
    }

    /// An overlay that is held may stand as it was before.
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

internal import Convergence
internal import HostState
internal import NetAddress
internal import NetworkState
internal import PodmanState
internal import Reconciler
internal import Resources

/// The conditions of this host's containers.
extension Assessment {
    func container(_ container: DesiredContainer) -> [AssessedCondition] {
        var programmed = programmed(.container(container.name))
        let ready = readiness(of: container)
        // A conflict or a failure is nearer than the image; a wait is for it.
        if [Reason.programmed, Reason.pending].contains(programmed.reason), let missing = missingImage(of: container) {
            programmed = missing
        }
        if programmed.reason == Reason.pending, backOff(of: container) != nil {
            programmed.reason = Reason.crashLoopBackOff
        }
        // While its image is pulled nothing may be outstanding, although the container does not exist yet.
        if programmed.status == .true, case .observed = state.podman, state.container(container.name) == nil {
            programmed = AssessedCondition(.programmed, .false, ready.reason, ready.message)
        }
        return [programmed, ready]
    }

    /// What a container waits for whose image is not here: while it is missing, whatever runs is not what is wanted. The
    /// failure of the last pull stays the reason while it is pulled again.
    private func missingImage(of container: DesiredContainer) -> AssessedCondition? {
        guard case .observed(let podman) = state.podman else { return nil }
        let isCurrent =
            state.container(container.name)?.labels[OwnershipMark.specHashLabel] == container.specHash
        // Another container's pull does not matter once this one has its image.
        guard !isCurrent, podman.images[container.image] == nil || container.pullPolicy == .always else { return nil }
        if let error = state.pullErrors[container.image] {
            return AssessedCondition(.programmed, .false, Reason.errImagePull, error)
        }
        guard podman.pulling.contains(container.image) else { return nil }
        return AssessedCondition(.programmed, .false, Reason.pulling, "pulling \(container.image)")
    }

    /// Why a container that has ended is not started again yet.
    private func backOff(of container: DesiredContainer) -> String? {
        state.outstanding[.podman]?.waiting.first { waiting in
            waiting.operation == .start && waiting.regarding == .container(container.name)
                && waiting.reason.hasPrefix(StartBackoff.mark)
        }?.reason
    }

    func readiness(of container: DesiredContainer) -> AssessedCondition {
        guard case .observed(let podman) = state.podman else {
            return AssessedCondition(.ready, .unknown, Reason.pending, "Podman does not answer")
        }
        guard let found = state.container(container.name) else {
            if let missing = missingImage(of: container) {
                return AssessedCondition(.ready, .false, missing.reason, missing.message)
            }
            switch pending[.container(container.name)]?.first {
            case .conflict(let text)?: return AssessedCondition(.ready, .false, Reason.notReady, text)
            case .failure(let text)?: return AssessedCondition(.ready, .false, Reason.failed, text)
            case .wait?, nil: break
            }
            return AssessedCondition(.ready, .false, Reason.pending, "not created yet")
        }
        if found.state == .exited, found.exitCode == 0, container.restartPolicy != .always {
            return AssessedCondition(.ready, .true, Reason.completed, "exited with status 0")
        }
        if let removal = podman.removals[found.id] {
            return AssessedCondition(.ready, .false, Reason.terminating, Assessment.text(of: removal))
        }
        if found.isLive, let reason = cutOff(container) {
            return AssessedCondition(.ready, .false, Reason.notReady, reason)
        }
        if !found.isLive, let error = state.startErrors[container.name] {
            let what = found.startedAt == 0 ? "it has never run" : "it has ended and cannot be started"
            return AssessedCondition(.ready, .false, Reason.failed, "\(what): \(error)")
        }
        let missing = found.missingAddresses(of: container)
        guard missing.isEmpty else {
            let text = ContainerFault.withoutAddresses(missing).text
            return AssessedCondition(.ready, .false, Reason.notReady, "it \(text), so it cannot be reached there")
        }
        if !found.isLive, let backOff = backOff(of: container) {
            return AssessedCondition(
                .ready, .false, Reason.crashLoopBackOff, "\(Assessment.end(of: found)); \(backOff)")
        }
        if podman.overdueChecks.contains(found.id) {
            return AssessedCondition(
                .ready, .false, Reason.unhealthy, "the health check takes longer than its timeout and has not ended")
        }
        return readiness(of: found)
    }

    /// Why a running container is unreachable: its bridge was deleted, and it is not attached again yet.
    private func cutOff(_ container: DesiredContainer) -> String? {
        guard let links = state.kernel?.links else { return nil }
        for network in container.networks {
            guard links[network.bridge] != nil else { return "its bridge \(network.bridge) is missing" }
            if let port = links.values.first(where: { $0.peerMACAddress == network.macAddress }) {
                return "its interface \(port.name) is off the bridge \(network.bridge)"
            }
        }
        return nil
    }

    /// The state of a container that is being removed.
    static func text(of removal: ContainerRemoval) -> String {
        "it is being removed, and has at most \(removal.timeout) s to end after SIGTERM"
    }

    /// How a container ended.
    private static func end(of found: ObservedContainer) -> String {
        "\(found.state.rawValue), exit status \(found.exitCode)"
    }

    /// Ready of an existing container.
    func readiness(of found: ObservedContainer) -> AssessedCondition {
        guard found.isLive else {
            return AssessedCondition(.ready, .false, Reason.notReady, Assessment.end(of: found))
        }
        if found.state == .paused {
            return AssessedCondition(
                .ready, .false, Reason.paused, "it is paused: podman unpause \(found.name)")
        }
        return switch found.health {
        case "unhealthy": AssessedCondition(.ready, .false, Reason.unhealthy, "the health check fails")
        case "starting": AssessedCondition(.ready, .false, Reason.starting, "the health check has not passed yet")
        default: AssessedCondition(.ready, .true, Reason.ready)
        }
    }
}

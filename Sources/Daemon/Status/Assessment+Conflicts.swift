internal import Resources

extension Assessment {
    /// Conditions of an object left out because of a host-level conflict: neither programmed nor ready.
    func barred(_ reason: String) -> [AssessedCondition] {
        [
            AssessedCondition(.programmed, .false, Reason.conflict, reason),
            AssessedCondition(.ready, .false, Reason.conflict, reason),
        ]
    }

    /// This node's containers that are left out because of a barred overlay, with the reason.
    func barredContainers() -> [String: String] {
        guard let node = state.accepted.live.nodes.first(where: { $0.metadata.name == localNode }) else { return [:] }
        var found: [String: String] = [:]
        for container in node.spec.containers {
            found[container.name] = container.networks.lazy.compactMap { state.hostConflicts.barred[$0.overlay] }.first
        }
        return found
    }
}

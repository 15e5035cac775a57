public import Convergence
public import HostState

extension Inventory {
    /// Records that something is about to be created.
    ///
    /// - Returns: the nonce for its seal: that of an earlier attempt, which Podman may still complete. Empty for other
    ///   changes.
    public mutating func willApply(_ change: PodmanChange) -> String {
        switch change {
        case .createNetwork(let network): intend(\.networks, network.name)
        case .createContainer(let container):
            intend(\.containers, container.name, spec: RecordedSpec(container))
        default: ""
        }
    }

    /// Records the id of what Podman has created, which identifies it from now on.
    public mutating func didCreate(_ change: PodmanChange, id: String) {
        switch change {
        case .createNetwork(let network): networks[network.name]?.id = id
        case .createContainer(let container):
            containers[container.name]?.id = id
            containers[container.name]?.starts = 0
        default: break
        }
    }

    /// Counts starts, removes deleted objects, and the start of failed removals: the next one gives the full grace
    /// period.
    public mutating func didApply(_ outcomes: [Outcome<PodmanChange>]) {
        for outcome in outcomes {
            switch (outcome.change, outcome.error) {
            case (.removeContainer(let name, let id, _), .some): endRemoval(of: name, id: id)
            case (.removeContainer(let name, let id, _), nil):
                // Another one of its name may have been created meanwhile.
                if containers[name]?.id == id { containers[name] = nil }
            case (.removeNetwork(let name), nil): networks[name] = nil
            case (.createContainer(let container), nil): containers[container.name]?.starts = 1
            case (.startContainer(let container, let id), nil):
                guard let known = containers[container.name], known.id == id else { continue }
                containers[container.name]?.starts = (known.starts ?? 1) + 1
            default: break
            }
        }
    }

    /// Records that a removal begins, unless an earlier run of this daemon began it.
    ///
    /// - Parameter now: seconds since the epoch.
    /// - Returns: the change with the remaining seconds of its timeout.
    public mutating func begin(_ change: PodmanChange, at now: Int64) -> PodmanChange {
        guard case .removeContainer(let name, let id, let timeout) = change else { return change }
        var began = now
        if let known = containers[name], known.id == id {
            began = known.removalBegan ?? now
            containers[name]?.removalBegan = began
        }
        let elapsed = max(Int(clamping: now - began), 0)
        return .removeContainer(name: name, id: id, timeout: max(timeout - elapsed, min(timeout, 1)))
    }

    /// Removes the start of removals that are no longer planned: the container is desired again, unchanged. A later
    /// removal gives it its whole grace period.
    ///
    /// - Parameters:
    ///   - changeSet: the result of a whole comparison.
    ///   - underWay: the ids of the containers that were being removed when Podman was asked.
    public mutating func endRemovals(notIn changeSet: ChangeSet<PodmanChange>, underWay: Set<String>) {
        let open = Set(
            (changeSet.changes + changeSet.waiting.map(\.change)).compactMap { change in
                // A container that is started or restored stays. A creation may replace one that is being removed.
                switch change {
                case .removeContainer(let name, _, _): name
                case .createContainer(let container): container.name
                default: nil
                }
            })
        for (name, known) in containers where known.removalBegan != nil && !open.contains(name) {
            guard let id = known.id, !underWay.contains(id) else { continue }
            endRemoval(of: name, id: id)
        }
    }

    private mutating func endRemoval(of name: String, id: String) {
        if containers[name]?.id == id { containers[name]?.removalBegan = nil }
    }

    private mutating func intend(
        _ list: WritableKeyPath<Inventory, [String: OwnedObject]>, _ name: String, spec: RecordedSpec? = nil
    ) -> String {
        let attempt = self[keyPath: list][name].flatMap { $0.id == nil ? $0.nonce : nil }
        let nonce = attempt ?? Nonce.random()
        self[keyPath: list][name] = OwnedObject(nonce: nonce, spec: spec)
        return nonce
    }
}

public import HostState

extension ChangeSet {
    /// The same without the removal of links, Podman networks and containers that nothing replaces: those are held.
    ///
    /// For a first look without records (fault 46): what the records would have said of a thing is not known.
    public func sparingSurplus(because reason: String) -> ChangeSet {
        let torn = Set(together.joined())
        // What is made once its predecessor is gone is held.
        let next = held.map(\.change).filter { !torn.contains($0.object) }
        let made = Set((changes + next).flatMap(ChangeSet.made))
        var result = self
        result.changes.removeAll { change in
            guard let removed = ChangeSet.removed(change), !made.contains(removed) else { return false }
            result.held.append(HeldChange(change, reason: reason))
            return true
        }
        return result
    }

    private static func made(_ change: Change) -> [String] {
        switch change {
        case .kernel(.createLink(let link)): [link.name, link.peerName].compactMap { $0 }.map { "link \($0)" }
        case .podman(.createNetwork(let network)): ["network \(network.name)"]
        case .podman(.createContainer(let container)): ["container \(container.name)"]
        default: []
        }
    }

    private static func removed(_ change: Change) -> String? {
        switch change {
        case .kernel(.deleteLink(let link)): "link \(link.name)"
        case .podman(.removeNetwork(let name)): "network \(name)"
        case .podman(.removeContainer(let name, _, _)): "container \(name)"
        default: nil
        }
    }
}

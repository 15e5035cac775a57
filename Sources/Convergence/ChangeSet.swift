/// The result of a comparison: ordered changes, those that must wait, and conflicts.
public struct ChangeSet<Change: HostChange>: Hashable, Sendable {
    public var changes: [Change] = []
    public var waiting: [WaitingChange<Change>] = []
    public var conflicts: [Conflict] = []
    /// Objects whose deletions depend on one another: all are deleted at once, or none while one has to wait.
    public var together: [Set<Change.Object>] = []
    /// The objects that are deleted and made again, in this set or in later rounds, and why.
    public var replacements: [Change.Object: Replacement<Change.Object>] = [:]

    public init() {}
}

/// A change that is wanted but must wait, and what it waits for.
public struct WaitingChange<Change: HostChange>: Hashable, Sendable {
    public var change: Change
    public var reason: String

    public init(_ change: Change, reason: String) {
        self.change = change
        self.reason = reason
    }
}

/// Something foreign exists where ours should be: it is never touched, and reported as a condition.
public struct Conflict: Hashable, Sendable {
    /// The desired object: `link/wg0`, `container/pod-a`, `route/10.0.0.20/32`.
    public var object: String
    /// The name of the resource that it regards; for an Overlay, its original name.
    public var owner: String
    public var ownerKind: ResourceReference.Kind
    public var message: String

    public init(object: String, owner: String, ownerKind: ResourceReference.Kind, message: String) {
        self.object = object
        self.owner = owner
        self.ownerKind = ownerKind
        self.message = message
    }

    /// The resource whose condition shows it.
    public func regarding(_ owners: Owners) -> ResourceReference {
        ResourceReference(ownerKind, ownerKind == .overlay ? owners.overlay(madeAs: owner) : owner)
    }
}

extension ChangeSet {
    /// The same set, but with permanent deletions that nothing replaces postponed.
    ///
    /// For a first round without records (fault 46), which might have forbidden a deletion.
    public func sparingSurplus(because reason: String) -> ChangeSet {
        let torn = Set(together.joined())
        // A creation that waits for the deletion of its predecessor is among `waiting`.
        let next = waiting.map(\.change).filter { !torn.contains($0.object) }
        let created = Set((changes + next).filter { $0.operation == .create }.flatMap(\.creates))
        var result = self
        result.changes.removeAll { change in
            guard let removed = change.takesAway, !created.contains(removed) else { return false }
            result.waiting.append(WaitingChange(change, reason: reason))
            return true
        }
        return result
    }

    /// Objects that are deleted together with waiting ones, each with the reason why it waits, too.
    public func waitingTogether(with objects: Set<Change.Object>) -> [Change.Object: String] {
        var reasons: [Change.Object: String] = [:]
        var groups = together
        while let next = groups.firstIndex(where: { $0.contains { objects.contains($0) || reasons[$0] != nil } }) {
            let group = groups.remove(at: next)
            let first = group.filter { objects.contains($0) || reasons[$0] != nil }.map(\.description).min() ?? ""
            for object in group where !objects.contains(object) && reasons[object] == nil {
                reasons[object] = "waiting for \(first)"
            }
        }
        return reasons
    }
}

internal import ControlAPI
internal import Convergence
internal import HostState
internal import PodmanState
internal import Reconciler

extension DiffReport {
    /// Adds the differences that comparing found, in the words of events.
    mutating func add<C: HostChange>(changes set: ChangeSet<C>, owners: Owners) {
        for change in set.changes { add(Change(change, in: set, owners: owners)) }
    }

    mutating func add<C: HostChange>(waiting set: ChangeSet<C>, owners: Owners) {
        for waiting in set.waiting {
            addHeld(Change(waiting.change, in: set, owners: owners, heldBy: waiting.reason))
        }
    }

    mutating func add(conflicts found: [Convergence.Conflict]) {
        conflicts += found.map { Conflict(object: $0.object, message: $0.message) }
    }

    /// What this host's policy freezes. The host's own Node repeats the messages of its containers and overlays.
    ///
    /// - Parameter messages: by object, one mistake per line.
    mutating func add(violations messages: [ResourceReference: String]) {
        let own = ResourceReference.node(node)
        let lines = messages.mapValues { $0.split(separator: "\n") }
        let told = Set(lines.filter { $0.key != own }.values.joined())
        for (object, text) in lines.sorted(by: { $0.key < $1.key }) {
            let new = object == own ? text.filter { !told.contains($0) } : text
            guard !new.isEmpty else { continue }
            violations.append(Conflict(object: "\(object)", message: new.joined(separator: "\n")))
        }
    }

    /// Both halves of a replacement are one change.
    private mutating func add(_ change: Change) {
        guard let index = changes.firstIndex(where: change.isOtherHalf) else { return changes.append(change) }
        changes[index] = changes[index].merged(with: change)
    }

    /// A creation that waits for the deletion of its predecessor is blocked, and becomes one replacement with it. Two
    /// blocked halves are one replacement as well.
    private mutating func addHeld(_ change: Change) {
        if let index = changes.firstIndex(where: change.isOtherHalf) {
            changes[index] = changes[index].merged(with: change)
        } else if let index = held.firstIndex(where: change.isOtherHalf) {
            // Its containers are removed first; the replacement is next and waits for nothing else.
            changes.append(held.remove(at: index).merged(with: change))
        } else {
            held.append(change)
        }
    }

    /// Shows what is deleted now, and made again only in a later round, as one replacement.
    mutating func markReplacements<C: HostChange>(of set: ChangeSet<C>) {
        let all = set.changes + set.waiting.map(\.change)
        let targets = Set(all.lazy.filter { set.replacements[$0.object] != nil }.map(\.words.target))
        func mark(_ list: inout [Change]) {
            for index in list.indices
            where targets.contains(list[index].object) && [.create, .delete].contains(list[index].operation) {
                list[index].operation = .replace
            }
        }
        mark(&changes)
        mark(&held)
    }

    /// Adds what becomes possible in a later round.
    mutating func add<C: HostChange>(later: [LaterChange<C>], of set: ChangeSet<C>, owners: Owners) {
        for later in later {
            var change = Change(later.change, in: set, owners: owners, heldBy: later.reason)
            if later.isReplacement { change.operation = .replace }
            held.append(change)
        }
    }
}

extension DiffReport.Change {
    /// Whether both are parts of one replacement: one creates what the other deletes.
    fileprivate func isOtherHalf(_ other: DiffReport.Change) -> Bool {
        object == other.object && Set([operation, other.operation]) == [.create, .delete]
    }

    /// Both as one replacement: what the object becomes, and why it is replaced.
    fileprivate func merged(with other: DiffReport.Change) -> DiffReport.Change {
        let creation = operation == .create ? self : other
        var merged = creation
        merged.operation = .replace
        merged.heldBy = nil
        if let reason = creation.heldBy, creation.fields == nil, creation.because == nil {
            merged.detail = [creation.detail, reason].joined(separator: "; ")
        }
        return merged
    }

    fileprivate init<C: HostChange>(
        _ change: C, in set: ChangeSet<C>, owners: Owners, heldBy: String? = nil
    ) {
        let words = change.words
        let operation = DiffReport.Operation(change.operation)
        // The sign already marks a creation; `start`, `stop` and the like need words.
        let says = operation == .update && words.detail.isEmpty ? words.action : words.detail
        self.init(
            operation: operation, object: operation == .run ? "\(words.action) \(words.target)" : words.target,
            detail: says, regarding: change.regarding(owners), heldBy: heldBy)
        let replacement = operation == .create || operation == .delete ? set.replacements[change.object] : nil
        let fields = replacement?.fields ?? change.fields
        self.fields = fields.isEmpty ? nil : fields
        because = replacement?.because.map { "\($0)" }
    }
}

extension DiffReport.Operation {
    fileprivate init(_ operation: ChangeOperation) {
        self =
            switch operation {
            case .create: .create
            case .update, .restore, .start, .stop: .update
            case .delete: .delete
            case .announce, .pull, .reload: .run
            }
    }
}

internal import ControlAPI
internal import Convergence
internal import HostState
internal import PodmanState
internal import Reconciler

extension DiffReport {
    /// Adds the differences that comparing found, in the words of events.
    mutating func add<C: HostChange>(changes: [C], owners: Owners) {
        for change in changes { add(Change(change, owners: owners)) }
    }

    mutating func add<C: HostChange>(waiting: [WaitingChange<C>], owners: Owners) {
        for waiting in waiting { addHeld(Change(waiting.change, owners: owners, heldBy: waiting.reason)) }
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

    /// A deletion and a creation of the same object in one set are one replacement.
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
            let replacement = held.remove(at: index).merged(with: change)
            // Its containers are removed first; the replacement is next and waits for nothing else.
            changes.append(replacement)
        } else {
            held.append(change)
        }
    }

    /// Adds what becomes possible in a later round.
    mutating func add<C: HostChange>(later: [LaterChange<C>], owners: Owners) {
        for later in later {
            var change = Change(later.change, owners: owners, heldBy: later.reason)
            if later.isReplacement { change.operation = .replace }
            held.append(change)
        }
    }
}

extension DiffReport.Change {
    /// Whether one of the two creates what the other deletes.
    fileprivate func isOtherHalf(_ other: DiffReport.Change) -> Bool {
        object == other.object
            && ((operation == .create && other.operation == .delete)
                || (operation == .delete && other.operation == .create))
    }

    /// Both as one replacement: what the object becomes, and why it is replaced.
    fileprivate func merged(with other: DiffReport.Change) -> DiffReport.Change {
        let creation = operation == .create ? self : other
        var merged = creation
        merged.operation = .replace
        merged.heldBy = nil
        if let reason = creation.heldBy { merged.detail = [creation.detail, reason].joined(separator: "; ") }
        return merged
    }

    fileprivate init(_ change: some HostChange, owners: Owners, heldBy: String? = nil) {
        let words = change.words
        let operation = DiffReport.Operation(change.operation)
        // The sign already marks a creation; `start`, `stop` and the like need words.
        let says = operation == .update && words.detail.isEmpty ? words.action : words.detail
        self.init(
            operation: operation, object: operation == .run ? "\(words.action) \(words.target)" : words.target,
            detail: says, regarding: change.regarding(owners), heldBy: heldBy)
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

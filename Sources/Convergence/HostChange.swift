/// One step from what is observed to what is desired. A backend applies it; a dry run prints it.
///
/// Each lane has an enum of its own, which conforms in one file beside it: nothing outside the lane's module matches on
/// its cases.
public protocol HostChange: Hashable, Sendable {
    /// Names what changes act on: changes with equal objects create, alter or delete the same thing.
    associatedtype Object: Hashable & Sendable & CustomStringConvertible
    /// Says what must not be done once something before it has failed.
    associatedtype Order: ChangeOrder = Unordered<Self> where Order.Change == Self

    var object: Object { get }
    var operation: ChangeOperation { get }
    /// For events and `wgctl diff`.
    var words: ChangeWords { get }
    /// What exists once it is done and what other changes need or take the place of.
    var creates: [Object] { get }
    /// What must exist for it beyond the object itself.
    var requires: [Object] { get }
    /// What it takes away that only history could bring back; nil for everything else.
    var takesAway: Object? { get }
    var repair: RepairPart { get }

    /// The resource that its events and conditions belong to.
    func regarding(_ owners: Owners) -> ResourceReference
}

extension HostChange {
    public var creates: [Object] { [] }
    public var requires: [Object] { [] }
    public var takesAway: Object? { nil }
    public var repair: RepairPart { .whole }

    public func regarding(_ owners: Owners) -> ResourceReference { owners.node }

    /// As one line.
    public var text: String {
        let words = words
        return words.detail.isEmpty
            ? "\(words.action) \(words.target)" : "\(words.action) \(words.target) (\(words.detail))"
    }
}

/// A change in words.
public struct ChangeWords: Hashable, Sendable {
    /// A verb: `add`.
    public var action: String
    /// What it acts on: `route 10.0.0.20/32`.
    public var target: String
    /// What differs; may be empty.
    public var detail: String

    public init(_ action: String, _ target: String, _ detail: String = "") {
        self.action = action
        self.target = target
        self.detail = detail
    }
}

/// What a change does to its object: it decides the reason of the event and the sign in `wgctl diff`.
public enum ChangeOperation: Hashable, Sendable {
    case create, update, delete
    case start
    /// Puts back what was there before.
    case restore
    /// Leaves no object behind: fetches an image.
    case pull
    /// Leaves no object behind: announces an address.
    case announce
    /// Makes another program write its rules again.
    case reload
}

/// Which part of a repair a change is, where something is undone again and again (fault 17 of docs/reliability.md).
public enum RepairPart: Hashable, Sendable {
    case whole
    /// What cannot be changed in place is deleted in one round …
    case firstHalf
    /// … and created in a later one, which must not wait.
    case secondHalf
    /// It repairs nothing, or has a back-off of its own.
    case none
    /// It comes with another change of its object, and is left out while that one waits.
    case accompanying
}

/// Remembers which changes failed, and says what must not be done because of that: the old way stays until the new one
/// exists. A value lives for as long as one list of changes is applied.
public protocol ChangeOrder: Sendable {
    associatedtype Change

    init()

    /// Takes note of a change that was not made.
    mutating func failed(_ change: Change)

    /// Whether a change would leave a gap now.
    func forbids(_ change: Change) -> Bool
}

/// Changes that need no order among themselves.
public struct Unordered<Change: Sendable>: ChangeOrder {
    public init() {}
    public mutating func failed(_ change: Change) {}
    public func forbids(_ change: Change) -> Bool { false }
}

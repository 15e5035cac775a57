/// One step from the observed to the desired state. A backend applies it; a dry run prints it.
///
/// Each lane has its own enum, which conforms in one file beside it: nothing outside the lane's module matches on its
/// cases.
public protocol HostChange: Hashable, Sendable {
    /// Identifies what changes act on: changes with equal objects create, alter or delete the same thing.
    associatedtype Object: Hashable & Sendable & CustomStringConvertible
    /// Decides which changes must not be applied once an earlier one has failed.
    associatedtype Order: ChangeOrder = Unordered<Self> where Order.Change == Self

    var object: Object { get }
    var operation: ChangeOperation { get }
    /// For events and `wgctl diff`.
    var words: ChangeWords { get }
    /// What an update changes, as far as it is known.
    var fields: [FieldChange] { get }
    /// Whether another program made it necessary, when it is found although the manifests have not changed. False for
    /// what ends or becomes outdated by itself, and for what only comes with another change.
    var isDueToOthers: Bool { get }
    /// Objects that exist once it is applied and that other changes need or replace.
    var creates: [Object] { get }
    /// Objects that must exist for it, besides its own.
    var requires: [Object] { get }
    /// The object that it deletes permanently; nil for everything else.
    var takesAway: Object? { get }
    var repair: RepairPart { get }

    /// The resource that its events and conditions belong to.
    func regarding(_ owners: Owners) -> ResourceReference
}

extension HostChange {
    public var fields: [FieldChange] { [] }
    public var isDueToOthers: Bool { repair != .none && repair != .accompanying }
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
    case start, stop
    /// Restores an earlier state.
    case restore
    /// Fetches an image; creates no object.
    case pull
    /// Announces an address; creates no object.
    case announce
    /// Makes another program rewrite its rules.
    case reload
}

/// The part of a repair that a change is, for objects that are undone repeatedly (fault 17 of docs/reliability.md).
public enum RepairPart: Hashable, Sendable {
    case whole
    /// Deletes an object that cannot be changed in place.
    case firstHalf
    /// Recreates, in a later round, an object that was deleted, and must not wait.
    case secondHalf
    /// Repairs nothing, or has its own back-off.
    case none
    /// Comes with another change of its object, and is left out while that one waits.
    case accompanying
}

/// Remembers which changes failed, and decides which others are forbidden because of that: the old path is kept until
/// the new one exists. A value is used for one list of changes.
public protocol ChangeOrder: Sendable {
    associatedtype Change

    init()

    /// Records a change that was not applied.
    mutating func failed(_ change: Change)

    /// Whether a change would interrupt something now.
    func forbids(_ change: Change) -> Bool
}

/// Changes that need no order among themselves.
public struct Unordered<Change: Sendable>: ChangeOrder {
    public init() {}
    public mutating func failed(_ change: Change) {}
    public func forbids(_ change: Change) -> Bool { false }
}

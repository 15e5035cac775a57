/// One kind of runtime knowledge about this host. Exactly one part of the daemon writes it.
public protocol Fact: Equatable, Sendable {
    /// The initial value, before anything is known.
    init()

    /// The cause with which a change of the fact wakes a lane, for the text of events.
    static var cause: String { get }
}

extension Fact {
    public static var cause: String { "\(Self.self)" }
}

/// All facts at one moment, as a consistent value.
///
/// A fact that was never written has its initial value. Copies are cheap; while a copy is alive, the next change of a
/// fact copies that fact.
public struct Facts: Sendable {
    /// Unchecked: its value changes only while nobody else has a reference to it (`modify`).
    private final class Box<Value: Fact>: @unchecked Sendable {
        var value: Value
        init(_ value: Value) { self.value = value }
    }

    private struct Entry: Sendable {
        var box: any AnyObject & Sendable
        /// How often it has changed.
        var edition: Int
    }

    private var entries: [ObjectIdentifier: Entry] = [:]

    public init() {}

    /// Reading returns the initial value when nothing was written. Writing counts as a change when the value differs.
    public subscript<Value: Fact>(_ type: Value.Type) -> Value {
        get { (entries[ObjectIdentifier(type)]?.box as? Box<Value>)?.value ?? Value() }
        set {
            guard self[type] != newValue else { return }
            _ = modify(type) { value in
                value = newValue
                return ((), true)
            }
        }
    }

    /// Changes a fact in place when no copy of it is alive.
    ///
    /// - Parameter body: returns a result, and whether the value changed.
    public mutating func modify<Value: Fact, Result>(
        _ type: Value.Type, _ body: (inout Value) -> (Result, isNew: Bool)
    ) -> (result: Result, isNew: Bool) {
        let key = ObjectIdentifier(type)
        var edition = 0
        var box: Box<Value>
        // Removed first, so that the dictionary has no reference while the value changes.
        if let entry = entries.removeValue(forKey: key), let found = entry.box as? Box<Value> {
            (box, edition) = (found, entry.edition)
        } else {
            box = Box(Value())
        }
        if !isKnownUniquelyReferenced(&box) { box = Box(box.value) }
        let (result, isNew) = body(&box.value)
        entries[key] = Entry(box: box, edition: edition + (isNew ? 1 : 0))
        return (result, isNew)
    }

    /// How often any of these facts has changed.
    public func edition(of types: [any Fact.Type]) -> Int {
        types.reduce(0) { $0 + (entries[ObjectIdentifier($1)]?.edition ?? 0) }
    }
}

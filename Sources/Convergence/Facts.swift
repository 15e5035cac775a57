/// One kind of knowledge about this host that comes up while the daemon runs. Exactly one part of the daemon writes it.
public protocol Fact: Equatable, Sendable {
    /// What is known before anything is.
    init()

    /// What a lane is woken by when it changes, for the text of events.
    static var cause: String { get }
}

extension Fact {
    public static var cause: String { "\(Self.self)" }
}

/// All facts at one moment: a value, so that whoever works with it sees one picture.
///
/// A fact that nobody has written has its initial value. Copies are cheap; while a copy is alive, the next change of a
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

    /// Reading gives the initial value where nothing was written. Writing counts as a change where the value differs.
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

    /// Changes a fact in place where no copy of it is alive.
    ///
    /// - Parameter body: returns a result, and whether the value differs.
    public mutating func modify<Value: Fact, Result>(
        _ type: Value.Type, _ body: (inout Value) -> (Result, isNew: Bool)
    ) -> (result: Result, isNew: Bool) {
        let key = ObjectIdentifier(type)
        var edition = 0
        var box: Box<Value>
        // Taken out, so that the dictionary holds no reference while the value changes.
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

public import Convergence
internal import Synchronization

/// Where the parts of the daemon publish their facts, and read those of the others.
///
/// Each fact has one writer, which takes the right to write it once, at start. Listeners are called after a fact has
/// changed.
public final class FactBoard: Sendable {
    private struct State {
        var facts: Facts
        var writers: Set<ObjectIdentifier> = []
        var listeners: [ObjectIdentifier: [@Sendable (String) -> Void]] = [:]
    }

    private let state: Mutex<State>

    public init(_ facts: Facts = Facts()) { state = Mutex(State(facts: facts)) }

    /// All facts as of now. Prefer `read` for one: while this value is alive, a write of a large fact copies it.
    public var facts: Facts { state.withLock { $0.facts } }

    public func read<Value: Fact>(_ type: Value.Type) -> Value { state.withLock { $0.facts[type] } }

    /// The right to write a fact. Requesting it twice is a programming error, and ends the program.
    public func writer<Value: Fact>(of type: Value.Type = Value.self) -> FactWriter<Value> {
        let isFirst = state.withLock { $0.writers.insert(ObjectIdentifier(type)).inserted }
        precondition(isFirst, "\(type) has a writer already")
        return FactWriter(board: self)
    }

    /// Calls `body` with the fact's cause after each change of one of these facts. It must not block.
    public func onChange(of types: [any Fact.Type], _ body: @escaping @Sendable (_ cause: String) -> Void) {
        state.withLock { state in
            for type in types { state.listeners[ObjectIdentifier(type), default: []].append(body) }
        }
    }

    /// - Parameter body: returns a result, and whether the value changed.
    fileprivate func write<Value: Fact, Result: Sendable>(
        _ body: (inout Value) -> (Result, isNew: Bool)
    ) -> (result: Result, isNew: Bool) {
        let (result, isNew, listeners) = state.withLock { state in
            let (result, isNew) = state.facts.modify(Value.self, body)
            return (result, isNew, isNew ? state.listeners[ObjectIdentifier(Value.self)] ?? [] : [])
        }
        // Outside the lock, because listeners may read facts.
        for listener in listeners { listener(Value.cause) }
        return (result, isNew)
    }

    /// Changes two facts at once: nobody sees one without the other. The second one gets the first's new value.
    ///
    /// - Returns: whether the second one changed.
    fileprivate func write<A: Fact, B: Fact>(_ first: (inout A) -> Bool, _ second: (inout B, A) -> Bool) -> Bool {
        let (calls, isNew) = state.withLock { state in
            let isNewA = state.facts.modify(A.self) { ((), isNew: first(&$0)) }.isNew
            let a = state.facts[A.self]
            let isNewB = state.facts.modify(B.self) { ((), isNew: second(&$0, a)) }.isNew
            let calls = [(A.cause, isNewA, ObjectIdentifier(A.self)), (B.cause, isNewB, ObjectIdentifier(B.self))]
                .filter { $0.1 }.flatMap { cause, _, key in (state.listeners[key] ?? []).map { (cause, $0) } }
            return (calls, isNewB)
        }
        for (cause, listener) in calls { listener(cause) }
        return isNew
    }

    /// Sets facts without their writers: before the daemon runs, and in tests.
    @discardableResult
    package func prepare<Result: Sendable>(_ body: (inout Facts) -> Result) -> Result {
        state.withLock { body(&$0.facts) }
    }
}

/// The right to write one fact. Closures that change it run under the lock of the board, and must not read the board.
public struct FactWriter<Value: Fact>: Sendable {
    fileprivate let board: FactBoard

    public var value: Value { board.read(Value.self) }

    /// Changes the fact in place.
    ///
    /// - Parameter body: returns whether the fact changed.
    /// - Returns: the same.
    @discardableResult
    public func update(_ body: (inout Value) -> Bool) -> Bool {
        board.write { (value: inout Value) in ((), isNew: body(&value)) }.isNew
    }

    /// Changes this fact and another one at once: nobody sees one without the other.
    ///
    /// - Parameters:
    ///   - body: returns whether the fact changed.
    ///   - also: the same for the other fact; receives the new value of this one.
    /// - Returns: whether the other fact changed.
    @discardableResult
    public func update<Other: Fact>(
        _ body: (inout Value) -> Bool, with other: FactWriter<Other>, _ also: (inout Other, Value) -> Bool
    ) -> Bool {
        board.write(body, also)
    }

    /// Changes the fact, which always counts as a change: for large values that nobody compares.
    @discardableResult
    public func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        board.write { (value: inout Value) in (body(&value), isNew: true) }.result
    }

    /// - Returns: whether the fact changed.
    @discardableResult
    public func set(_ new: Value) -> Bool {
        update { value in
            guard value != new else { return false }
            value = new
            return true
        }
    }

    /// Sets one part of the fact.
    ///
    /// - Returns: whether it changed.
    @discardableResult
    public func set<Part: Equatable>(_ path: WritableKeyPath<Value, Part>, to part: Part) -> Bool {
        update { value in
            guard value[keyPath: path] != part else { return false }
            value[keyPath: path] = part
            return true
        }
    }
}

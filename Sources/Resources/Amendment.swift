/// Nodes that changed while everything else stayed, and what has become of them.
///
/// It is part of what accepting the whole snapshot comes to, found without looking at the rest of the fleet.
public struct Amendment: Hashable, Sendable {
    /// The live versions before, sorted by name.
    public var before: [Node]
    /// The live versions now: of the same Nodes, in the same order.
    public var after: [Node]

    public init(before: [Node] = [], after: [Node] = []) {
        self.before = before
        self.after = after
    }
}

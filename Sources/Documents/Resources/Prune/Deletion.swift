/// Something that was live and that a complete snapshot no longer holds: a resource, or a container of a Node.
public struct Deletion: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// The resource that goes, or the Node whose container goes.
    public var key: ResourceKey
    /// The container's name; nil when the resource itself goes.
    public var container: String?

    public init(_ key: ResourceKey, container: String? = nil) {
        self.key = key
        self.container = container
    }

    /// `Node/host-b`, `container web of Node/host-b`.
    public var description: String { container.map { "container \($0) of \(key)" } ?? key.description }

    public static func < (a: Deletion, b: Deletion) -> Bool {
        (a.key, a.container ?? "") < (b.key, b.container ?? "")
    }
}

/// Deletions that wait for an operator's confirmation.
public struct HeldDeletions: Hashable, Sendable, Codable {
    /// Why, a clause each: `it deletes everything (2 resources, 2 containers)`. Empty when nothing is held.
    public var reasons: [String]
    /// Sorted.
    public var deletions: [Deletion]

    public init(reasons: [String] = [], deletions: [Deletion] = []) {
        self.reasons = reasons
        self.deletions = deletions
    }

    public var isEmpty: Bool { deletions.isEmpty }

    /// One line for an event or a warning: the reasons, the first few deletions, the remedy.
    public var summary: String {
        let shown = deletions.prefix(5).map(\.description).joined(separator: ", ")
        let more = deletions.count > 5 ? " and \(deletions.count - 5) more" : ""
        let (verb, them) = deletions.count == 1 ? ("is", "it") : ("are", "them")
        return "\(reasons.joined(separator: "; ")): \(shown)\(more) \(verb) kept; "
            + "restore \(them) in the manifests, or delete \(them) with `wgctl prune --confirm`"
    }

    /// Takes in more, none twice.
    mutating func add(_ other: HeldDeletions) {
        reasons += other.reasons.filter { !reasons.contains($0) }
        deletions = Set(deletions + other.deletions).sorted()
    }
}

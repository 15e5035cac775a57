internal import Algorithms

/// What the planner works from: the live resources of the whole fleet, each list sorted by name.
public struct ResourceSet: Hashable, Sendable, Codable {
    public var nodes: [Node]
    public var overlays: [Overlay]

    public init(nodes: [Node] = [], overlays: [Overlay] = []) {
        self.nodes = nodes
        self.overlays = overlays
    }

    /// The Node of this name, found without looking at the rest.
    public func node(_ name: String) -> Node? { position(ofNode: name).map { nodes[$0] } }

    /// Where the Node of this name stands in `nodes`.
    public func position(ofNode name: String) -> Int? {
        let position = nodes.partitioningIndex { $0.metadata.name >= name }
        return position < nodes.endIndex && nodes[position].metadata.name == name ? position : nil
    }
}

/// Where a resource or a mistake stands.
public struct SourceLocation: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Relative to the manifest directory.
    public var file: String
    /// From 1.
    public var line: Int
    /// From 1.
    public var column: Int

    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String { "\(file):\(line):\(column)" }
}

/// The last good version of a resource, an explicit input of acceptance. Persisted by `Records`.
public struct LastGood: Hashable, Sendable, Codable {
    public var key: ResourceKey
    public var location: SourceLocation
    /// Goes up when the spec's content changes; 1 at first.
    public var generation: Int
    /// Canonical JSON of the whole document with defaults: sorted keys, so equal content is equal text.
    public var json: String

    public init(key: ResourceKey, location: SourceLocation, generation: Int, json: String) {
        self.key = key
        self.location = location
        self.generation = generation
        self.json = json
    }
}

/// What acceptance says of one resource.
public struct Acceptance: Hashable, Sendable, Codable {
    public var key: ResourceKey
    public var location: SourceLocation
    public var status: Condition.Status
    public var reason: String
    /// Every mistake, one a line, each `FILE:LINE:COLUMN: path: reason, remedy`.
    public var message: String
    /// Of the live version; 0 when no version was ever good.
    public var generation: Int
    /// The live version's canonical JSON; nil when no version was ever good.
    public var json: String?

    public init(
        key: ResourceKey, location: SourceLocation, status: Condition.Status, reason: String, message: String,
        generation: Int, json: String?
    ) {
        self.key = key
        self.location = location
        self.status = status
        self.reason = reason
        self.message = message
        self.generation = generation
        self.json = json
    }
}

/// The outcome of accepting one complete snapshot.
public struct AcceptedSet: Hashable, Sendable, Codable {
    /// What the planner may use: good documents and the last good versions of bad ones.
    public var live: ResourceSet
    /// One for every resource that is live or was refused, sorted by key.
    public var acceptances: [Acceptance]
    /// Mistakes of files that cannot be pinned on a resource, each with `FILE:LINE:COLUMN`, sorted.
    public var fileErrors: [FileError]
    /// What to hand in as `lastGood` next time, sorted by key.
    public var lastGood: [LastGood]
    /// Every mistake of `acceptances` and `fileErrors`, field by field, in the order of their places.
    public var findings: [Finding]
    /// Deletions that wait for an operator's word; what they concern is live as it was.
    public var held: HeldDeletions
    /// The former name of each Overlay that this snapshot renames, by its present name: it takes over what this host has.
    public var renamedOverlays: [String: String]

    public init(
        live: ResourceSet = .init(), acceptances: [Acceptance] = [], fileErrors: [FileError] = [],
        lastGood: [LastGood] = [], findings: [Finding] = [], held: HeldDeletions = .init(),
        renamedOverlays: [String: String] = [:]
    ) {
        self.live = live
        self.acceptances = acceptances
        self.fileErrors = fileErrors
        self.lastGood = lastGood
        self.findings = findings
        self.held = held
        self.renamedOverlays = renamedOverlays
    }
}

public struct FileError: Hashable, Sendable, Codable {
    public var location: SourceLocation
    /// The whole line, `FILE:LINE:COLUMN: path: reason, remedy`.
    public var message: String

    public init(location: SourceLocation, message: String) {
        self.location = location
        self.message = message
    }
}

public import Convergence
public import Resources

/// Which manifests a dry run takes.
public struct DiffRequest: Hashable, Sendable, Codable {
    /// In place of the daemon's directory; nil: what the daemon itself wants.
    public var files: [File]?

    public init(files: [File]? = nil) { self.files = files }

    public struct File: Hashable, Sendable, Codable {
        /// Relative to the manifest directory.
        public var path: String
        public var contents: Contents

        public init(path: String, contents: Contents) {
            self.path = path
            self.contents = contents
        }
    }

    public enum Contents: Hashable, Sendable, Codable {
        case text(String)
        /// What is not UTF-8, byte for byte.
        case bytes([UInt8])
        case unreadable(reason: String)
    }
}

/// What a host would change: one observation, compared and not applied.
public struct DiffReport: Hashable, Sendable, Codable {
    public enum Operation: String, Hashable, Sendable, Codable {
        case create, update, delete
        /// Deleted and made again, under the same name.
        case replace
        /// Something that is done and leaves nothing behind: a pull, an announcement.
        case run
    }

    public struct Change: Hashable, Sendable, Codable {
        public var operation: Operation
        /// `route 10.0.0.20/32`, `container pod-a`.
        public var object: String
        /// What it gets, or `before -> after`; may be empty.
        public var detail: String
        /// The resource that wants it: `node/host-b`.
        public var regarding: ResourceReference
        /// Why it must wait for another change; nil when it is next.
        public var heldBy: String?
        /// What differs, of a replacement and of an update; nil when that is not known.
        public var fields: [FieldChange]?
        /// Of a replacement: the object that forces it, `network overlay_net`; nil when its own fields do.
        public var because: String?

        public init(
            operation: Operation, object: String, detail: String, regarding: ResourceReference, heldBy: String? = nil,
            fields: [FieldChange]? = nil, because: String? = nil
        ) {
            self.fields = fields
            self.because = because
            self.operation = operation
            self.object = object
            self.detail = detail
            self.regarding = regarding
            self.heldBy = heldBy
        }
    }

    public struct Conflict: Hashable, Sendable, Codable {
        /// `link/wg0`
        public var object: String
        public var message: String

        public init(object: String, message: String) {
            self.object = object
            self.message = message
        }
    }

    /// The Node that this host is.
    public var node: String
    /// In the order in which they would be applied.
    public var changes: [Change]
    /// Wanted, and waiting for one of `changes`.
    public var held: [Change]
    /// Something foreign stands where ours should: never touched.
    public var conflicts: [Conflict]
    /// What this host's policy holds, and why: left as it stands.
    public var violations: [Conflict]
    /// Mistakes in the manifests; files are relative to the directory.
    public var findings: [Finding]
    /// What else there is to know: no Node names this host, the directory cannot be read.
    public var remarks: [String]
    /// What could not be compared, with the reason: Podman does not answer.
    public var unknown: [String]
    /// Deletions that wait for an operator's confirmation; nil when there are none.
    public var blocked: HeldDeletions?
    /// Why not all of the manifests is in force, besides what `findings`, `violations` and `blocked` say: they cannot be
    /// read, an overlay conflicts with this host. nil when nothing else prevents it.
    public var unserved: [String]?
    /// `counted`, in the JSON that `wgctl diff` prints.
    public var summary: Summary?

    /// What is held counts, being done without another command.
    public struct Summary: Hashable, Sendable, Codable {
        public var add: Int
        public var change: Int
        public var remove: Int
        /// Counted in `add` and in `remove` as well.
        public var replace: Int
        /// Of `replace`: the objects that are replaced only because another one is.
        public var follow: Int

        public init(add: Int, change: Int, remove: Int, replace: Int, follow: Int) {
            self.add = add
            self.change = change
            self.remove = remove
            self.replace = replace
            self.follow = follow
        }
    }

    public init(
        node: String, changes: [Change] = [], held: [Change] = [], conflicts: [Conflict] = [],
        violations: [Conflict] = [], findings: [Finding] = [], remarks: [String] = [], unknown: [String] = []
    ) {
        self.unknown = unknown
        self.node = node
        self.changes = changes
        self.held = held
        self.conflicts = conflicts
        self.violations = violations
        self.findings = findings
        self.remarks = remarks
    }

    /// Whether nothing differs, of what was compared.
    public var isEmpty: Bool {
        changes.isEmpty && held.isEmpty && conflicts.isEmpty && violations.isEmpty && blocked == nil
    }

    /// Whether the host is as the manifests want it, all of them.
    public var isAsWanted: Bool {
        isEmpty && unknown.isEmpty && unserved?.isEmpty ?? true && !findings.contains { !$0.isWarning }
    }

    /// The numbers of all changes.
    public var counted: Summary {
        let all = changes + held
        func count(_ wanted: Operation...) -> Int { all.count { wanted.contains($0.operation) } }
        return Summary(
            add: count(.create, .replace), change: count(.update), remove: count(.delete, .replace),
            replace: count(.replace), follow: all.count { $0.operation == .replace && $0.because != nil })
    }
}

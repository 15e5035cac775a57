internal import Manifest

/// One version of a resource: a document of this snapshot, or the last good one.
final class ResourceVersion: Sendable {
    let key: ResourceKey
    let location: SourceLocation
    /// nil for a last good version, whose text is gone.
    let text: DocumentText?
    let generation: Int
    let resource: TypedResource

    init(
        key: ResourceKey, location: SourceLocation, text: DocumentText?, generation: Int, resource: TypedResource
    ) {
        self.key = key
        self.location = location
        self.text = text
        self.generation = generation
        self.resource = resource
    }

    var content: ResourceContent { resource.content }
    var claims: Claims { resource.claims }

    /// The same as a last good version.
    var asLastGood: ResourceVersion {
        ResourceVersion(key: key, location: location, text: nil, generation: generation, resource: resource)
    }

    /// What to remember of it.
    var lastGood: LastGood { LastGood(key: key, location: location, generation: generation, json: resource.json) }

    /// `FILE:LINE:COLUMN` of a field.
    func place(of path: FieldPath) -> String {
        "\(escaped(location.file)):\(position(at: path))"
    }

    func error(at path: FieldPath, _ reason: String, remedy: String) -> ManifestError {
        ManifestError(
            file: location.file, position: position(at: path), path: path, reason: reason, remedy: remedy)
    }

    private func position(at path: FieldPath) -> Position {
        text?.position(at: path) ?? Position(line: location.line, column: location.column)
    }
}

/// A resource on its way to being live: it falls back from its document to its last good version, to nothing.
struct Contender: Sendable {
    let key: ResourceKey
    /// Where the resource stands now, good or bad.
    let location: SourceLocation
    let fresh: ResourceVersion?
    let lastGood: ResourceVersion?
    /// What this host carries of it, where there is no last good version to tell.
    var carried: Claims?
    /// Why the document is not live.
    var errors: [ManifestError] = []
    var reason = Reason.accepted
    /// What is worth a word in a document that is live all the same.
    var warnings: [ManifestError] = []
    private(set) var live: ResourceVersion?

    init(
        key: ResourceKey, location: SourceLocation, fresh: ResourceVersion?, lastGood: ResourceVersion?,
        errors: [ManifestError] = [], reason: String = Reason.accepted
    ) {
        self.key = key
        self.location = location
        self.fresh = fresh
        self.lastGood = lastGood
        self.errors = errors
        self.reason = reason
        live = fresh ?? lastGood
    }

    /// Mistakes in other files than the one that held the last good version.
    var mistakesElsewhere: [ManifestError] { errors.filter { $0.file != lastGood?.location.file } }

    /// Live from its document, which is without a mistake.
    var isClean: Bool { errors.isEmpty && fresh != nil && live === fresh }

    /// Whether its version, before any rule, is its last good one.
    var isUnchanged: Bool { live.map { $0.resource.json == lastGood?.resource.json } ?? true }

    /// A clean contender as the next snapshot has it, if its document is the same.
    var again: Contender {
        var next = Contender(key: key, location: location, fresh: fresh, lastGood: live?.asLastGood)
        next.warnings = warnings
        return next
    }

    /// Takes one step down.
    mutating func fallBack(_ reason: String, _ errors: [ManifestError]) {
        live = live?.text != nil ? lastGood : nil
        self.reason = reason
        self.errors += errors
    }
}

extension Contender {
    /// A resource that is kept as it was, because a deletion that concerns it waits for an operator's confirmation.
    ///
    /// - Parameter location: of its present document; nil when no document holds it.
    init(holding version: ResourceVersion, at location: SourceLocation?, held: HeldDeletions) {
        let error = version.error(
            at: FieldPath(), "kept as it was: \(held.reasons.joined(separator: "; "))",
            remedy: "restore what would be deleted, or confirm with `wgctl prune --confirm`")
        self.init(
            key: version.key, location: location ?? version.location, fresh: nil, lastGood: version,
            errors: [error], reason: Reason.pruneBlocked)
    }

    /// An Overlay that no document holds any more while a live Node refers to it.
    init(keepingInUse version: ResourceVersion, referredToBy node: ResourceVersion) {
        let error = version.error(
            at: FieldPath(), "\(version.key) is in no document, and is kept while \(node.key) refers to it",
            remedy: "restore it, remove it from the Nodes, or delete it with `wgctl prune --confirm`")
        self.init(
            key: version.key, location: version.location, fresh: nil, lastGood: version, errors: [error],
            reason: Reason.inUse)
    }

    /// A resource that no document holds, kept while a mistake may be what hides it.
    init(keeping version: ResourceVersion, becauseOf mistake: ManifestError) {
        let error = ManifestError(
            file: mistake.file, position: mistake.position, path: FieldPath(),
            reason: "\(version.key) is in no document, and is kept while this mistake may be what hides it",
            remedy: "correct it here, or remove the file")
        self.init(
            key: version.key, location: version.location, fresh: nil, lastGood: version, errors: [error],
            reason: Reason.invalid)
    }
}

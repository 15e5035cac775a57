public import Manifest
internal import Schema

/// Decides which version of each resource is live, from a complete snapshot and the last good versions.
///
/// A pure function but for its memory of files that did not change: the same input gives the same output on every host,
/// so that the fleet does not diverge.
public struct Acceptor: Sendable {
    private let catalog: SchemaCatalog
    private(set) var parsed: [String: (contents: ManifestFile.Contents, file: ParsedFile)] = [:]
    /// The last good versions, which were live: their JSON need not be read again.
    var known: [ResourceKey: ResourceVersion] = [:]
    /// What was accepted last.
    private var fleet: AcceptedFleet?
    /// The names of the Nodes that are live from another version than in the set accepted before; nil when more than those
    /// may be different.
    public private(set) var dirtyNodes: Set<String>?

    /// Told of each file before it is parsed, and with nil when all are.
    public var willParse: @Sendable (ManifestFile?) -> Void = { _ in }

    /// - Throws: `SchemaError` when the built-in CRDs do not load; a test keeps them loadable.
    public init() throws { catalog = try SchemaCatalog() }

    /// Accepts a snapshot.
    ///
    /// If only a few documents of the last snapshot were edited, only what they can change is judged again, and the last
    /// result is updated: the cost is that of the edit. Otherwise everything is judged. Both have the same result.
    ///
    /// - Parameters:
    ///   - files: all files of a complete snapshot; a resource that none of them holds is gone.
    ///   - lastGood: `AcceptedSet.lastGood` of the time before.
    ///   - pruning: who decides on deletions; nil lets everything go that is gone.
    ///   - evidence: what this host carries, which counts while there is no history; nil when nobody looked.
    public mutating func accept(
        _ files: [ManifestFile], lastGood: [LastGood], pruning: PruneRequest? = nil, evidence: Evidence? = nil
    ) -> AcceptedSet {
        if evidence == nil || !lastGood.isEmpty, var last = fleet.take(), last.accepted.lastGood == lastGood,
            let edits = edits(in: files, since: last)
        {
            willParse(nil)
            if let dirty = accept(edits, in: files, after: &last, pruning: pruning) {
                let accepted = last.accepted
                (fleet, dirtyNodes) = (last, dirty)
                return accepted
            }
        }
        var snapshot = read(files, lastGood: lastGood)
        remember(lastGood, beside: snapshot)
        let previous = Dictionary(lastGood.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let keys = previous.keys + snapshot.documents.keys.filter { previous[$0] == nil }
        var contenders = Contenders(
            sorted: keys.sorted().compactMap { key in
                snapshot.contender(key, previous: previous[key], lastGood: known[key])
            })
        if let evidence, lastGood.isEmpty { contenders.note(evidence) }
        let outcome = judge(contenders, after: known, pruning: pruning, present: Set(snapshot.documents.keys))
        known = Dictionary(uniqueKeysWithValues: outcome.settled.all.compactMap(\.live).map { ($0.key, $0) })
        let fleet = AcceptedFleet(
            files: files, snapshot: snapshot, contenders: outcome.settled, held: outcome.held,
            renamedOverlays: outcome.renamedOverlays)
        (self.fleet, dirtyNodes) = (fleet, nil)
        return fleet.accepted
    }

    /// Lets the rules across resources decide, and the prune guard.
    ///
    /// - Parameters:
    ///   - history: the last good versions of these contenders, and of what is gone.
    ///   - present: what a document holds.
    func judge(
        _ contenders: Contenders, after history: [ResourceKey: ResourceVersion], pruning: PruneRequest?,
        present: Set<ResourceKey>
    ) -> (settled: Contenders, held: HeldDeletions, renamedOverlays: [String: String]) {
        guard let pruning else { return (settled(contenders, after: history), HeldDeletions(), [:]) }
        let (settled, held, renames) = keeping(contenders, after: history, for: pruning, present: present)
        return (settled, held, renames.former)
    }

    /// Parses what is new; a file that did not change was parsed before.
    private mutating func read(_ files: [ManifestFile], lastGood: [LastGood]) -> Snapshot {
        var snapshot = Snapshot(after: lastGood)
        var kept: [String: (contents: ManifestFile.Contents, file: ParsedFile)] = [:]
        for file in files.sorted(by: { $0.path < $1.path }) {
            let result = parse(file)
            kept[file.path] = (file.contents, result)
            let isReadable = if case .bytes = file.contents { true } else { false }
            snapshot.add(result, path: file.path, isReadable: isReadable)
        }
        willParse(nil)
        parsed = kept
        return snapshot
    }

    /// A file that did not change was parsed before.
    mutating func parse(_ file: ManifestFile) -> ParsedFile {
        if let known = parsed[file.path], known.contents == file.contents { return known.file }
        willParse(file)
        let result = ParsedFile(file, catalog: catalog)
        parsed[file.path] = (file.contents, result)
        return result
    }

    /// Makes a version of each last good document; what this program cannot read, an older one's, is none.
    private mutating func remember(_ lastGood: [LastGood], beside snapshot: Snapshot) {
        var versions: [ResourceKey: ResourceVersion] = [:]
        versions.reserveCapacity(lastGood.count)
        for previous in lastGood {
            if let version = version(of: previous, beside: snapshot) { versions[previous.key] = version }
        }
        known = versions
    }

    private func version(of previous: LastGood, beside snapshot: Snapshot) -> ResourceVersion? {
        // To read JSON takes longer than all the rest: mostly the text is that of a version or document at hand.
        let atHand = [known[previous.key]?.resource, snapshot.documents[previous.key]?.first?.resource]
        let resource =
            atHand.lazy.compactMap { $0 }.first { $0.json == previous.json }
            ?? read(previous)
        return resource.map {
            ResourceVersion(
                key: previous.key, location: previous.location, text: nil, generation: previous.generation,
                resource: $0)
        }
    }

    /// A field that the release which wrote it did not have gets its default: the schema fills it in as in a document.
    /// What today's schema refuses was good once, and stays.
    private func read(_ previous: LastGood) -> TypedResource? {
        let text = ManifestFile(path: previous.location.file, contents: .bytes(Array(previous.json.utf8)))
        if case .documents(let documents) = ParsedFile(text, catalog: catalog), documents.count == 1,
            documents[0].key == previous.key, let resource = documents[0].resource
        {
            return resource
        }
        return try? TypedResource(kind: previous.key.kind, json: previous.json)
    }

    /// Lets the rules across resources decide.
    ///
    /// - Parameter history: the last good versions of these contenders, and of what is gone.
    func settled(_ contenders: Contenders, after history: [ResourceKey: ResourceVersion]) -> Contenders {
        var contenders = contenders
        Arbiter.settle(&contenders)
        while true {
            let hidden = hidden(from: contenders, after: history)
            guard !hidden.isEmpty else { return contenders }
            contenders.put(hidden)
            Arbiter.settle(&contenders)
        }
    }

    /// What a file held and no document holds now, where a document of that file is refused that the file did not hold:
    /// kind or name may be mistyped, and then nothing was taken away.
    private func hidden(
        from contenders: Contenders, after history: [ResourceKey: ResourceVersion]
    ) -> [Contender] {
        let absent = history.values.filter { contenders[$0.key] == nil }
        guard !absent.isEmpty else { return [] }
        let mistakes = Dictionary(
            contenders.all.flatMap(\.mistakesElsewhere).map { ($0.file, $0) }, uniquingKeysWith: min)
        return absent.compactMap { version in
            mistakes[version.location.file].map { Contender(keeping: version, becauseOf: $0) }
        }
    }
}

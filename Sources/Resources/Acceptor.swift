public import Manifest
internal import Schema

/// Decides which version of each resource is live, from a complete snapshot and the last good versions.
///
/// A pure function but for its memory of files that did not change: the same input gives the same output on every host,
/// so that the fleet does not diverge.
public struct Acceptor: Sendable {
    private let catalog: SchemaCatalog
    private var parsed: [String: (contents: ManifestFile.Contents, file: ParsedFile)] = [:]
    /// Last good versions that are no document of the snapshot, by their JSON.
    private var decoded: [ResourceKey: (json: String, content: ResourceContent)] = [:]

    /// Told of each file before it is parsed, and with nil when all are.
    public var willParse: @Sendable (ManifestFile?) -> Void = { _ in }

    /// - Throws: `SchemaError` when the built-in CRDs do not load; a test keeps them loadable.
    public init() throws { catalog = try SchemaCatalog() }

    /// Accepts a snapshot.
    ///
    /// - Parameters:
    ///   - files: all files of a complete snapshot; a resource that none of them holds is gone.
    ///   - lastGood: `AcceptedSet.lastGood` of the time before.
    ///   - pruning: who decides on deletions; nil lets everything go that is gone.
    public mutating func accept(
        _ files: [ManifestFile], lastGood: [LastGood], pruning: PruneRequest? = nil
    ) -> AcceptedSet {
        var snapshot = read(files, lastGood: lastGood)
        remember(lastGood)
        let previous = Dictionary(lastGood.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var contenders: [ResourceKey: Contender] = [:]
        for key in Set(snapshot.documents.keys).union(previous.keys).sorted() {
            contenders[key] = snapshot.contender(key, lastGood: previous[key], content: decoded[key]?.content)
        }
        var settled = settled(contenders, previous)
        let held = pruning.map { self.held($0, settled, snapshot) } ?? HeldDeletions()
        if !held.isEmpty {
            for key in Set(held.deletions.map(\.key)) {
                guard let version = previous[key], let content = decoded[key]?.content else { continue }
                contenders[key] = Contender(holding: version, content: content, held: held)
            }
            settled = self.settled(contenders, previous)
        }
        return AcceptedSet(
            contenders: settled, gateways: snapshot.gateways, fileErrors: snapshot.fileErrors.sorted(),
            fileMistakes: snapshot.fileMistakes, held: held)
    }

    /// Parses what is new; a file that did not change was parsed before.
    private mutating func read(_ files: [ManifestFile], lastGood: [LastGood]) -> Snapshot {
        var snapshot = Snapshot(after: lastGood)
        var kept: [String: (contents: ManifestFile.Contents, file: ParsedFile)] = [:]
        for file in files.sorted(by: { $0.path < $1.path }) {
            let result: ParsedFile
            if let known = parsed[file.path], known.contents == file.contents {
                result = known.file
            } else {
                willParse(file)
                result = ParsedFile(file, catalog: catalog)
            }
            kept[file.path] = (file.contents, result)
            let isReadable = if case .bytes = file.contents { true } else { false }
            snapshot.add(result, path: file.path, isReadable: isReadable)
        }
        willParse(nil)
        parsed = kept
        return snapshot
    }

    private mutating func remember(_ lastGood: [LastGood]) {
        var stillDecoded: [ResourceKey: (json: String, content: ResourceContent)] = [:]
        for previous in lastGood {
            guard let content = content(of: previous) else { continue }
            stillDecoded[previous.key] = (previous.json, content)
        }
        decoded = stillDecoded
    }

    /// Lets the rules across resources decide.
    private func settled(
        _ contenders: [ResourceKey: Contender], _ previous: [ResourceKey: LastGood]
    ) -> [ResourceKey: Contender] {
        var contenders = contenders
        Arbiter.settle(&contenders)
        while keepHidden(&contenders, previous) { Arbiter.settle(&contenders) }
        return contenders
    }

    /// Keeps what a file held and no document holds now, while a document of that file is refused that the file did not
    /// hold: kind or name may be mistyped, and then nothing was taken away.
    ///
    /// - Returns: whether there was something to keep, so that the rules are to be settled again.
    private func keepHidden(
        _ contenders: inout [ResourceKey: Contender], _ previous: [ResourceKey: LastGood]
    ) -> Bool {
        let absent = previous.values.filter { contenders[$0.key] == nil }
        guard !absent.isEmpty else { return false }
        let mistakes = Dictionary(
            contenders.values.flatMap(\.mistakesElsewhere).map { ($0.file, $0) }, uniquingKeysWith: min)
        var isChanged = false
        for lastGood in absent {
            guard let mistake = mistakes[lastGood.location.file], let content = decoded[lastGood.key]?.content else {
                continue
            }
            contenders[lastGood.key] = Contender(keeping: ResourceVersion(lastGood, content), becauseOf: mistake)
            isChanged = true
        }
        return isChanged
    }

    /// What a resource that is there and yet not live held is not deleted: its author has to mend it.
    private func held(
        _ request: PruneRequest, _ settled: [ResourceKey: Contender], _ snapshot: Snapshot
    ) -> HeldDeletions {
        let before = decoded.mapValues(\.content)
        let after = before.filter { snapshot.documents[$0.key] != nil }
            .merging(settled.compactMapValues(\.live?.content)) { _, live in live }
        return PruneGuard(request, before: before, after: after).held()
    }

    private func content(of lastGood: LastGood) -> ResourceContent? {
        if let known = decoded[lastGood.key], known.json == lastGood.json { return known.content }
        // A version that an older program wrote and that this one cannot read is no version.
        guard let value = try? JSONValue(jsonText: lastGood.json) else { return nil }
        return try? ResourceContent(kind: lastGood.key.kind, value)
    }
}

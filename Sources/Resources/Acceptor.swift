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

    /// - Throws: `SchemaError` when the built-in CRDs do not load; a test keeps them loadable.
    public init() throws { catalog = try SchemaCatalog() }

    /// Accepts a snapshot.
    ///
    /// - Parameters:
    ///   - files: all files of a complete snapshot; a resource that none of them holds is gone.
    ///   - lastGood: `AcceptedSet.lastGood` of the time before.
    public mutating func accept(_ files: [ManifestFile], lastGood: [LastGood]) -> AcceptedSet {
        var snapshot = Snapshot()
        var kept: [String: (contents: ManifestFile.Contents, file: ParsedFile)] = [:]
        for file in files.sorted(by: { $0.path < $1.path }) {
            let result: ParsedFile
            if let known = parsed[file.path], known.contents == file.contents {
                result = known.file
            } else {
                result = ParsedFile(file, catalog: catalog)
            }
            kept[file.path] = (file.contents, result)
            snapshot.add(result, path: file.path, lastGood: lastGood)
        }
        parsed = kept

        var contenders: [ResourceKey: Contender] = [:]
        var stillDecoded: [ResourceKey: (json: String, content: ResourceContent)] = [:]
        for previous in lastGood {
            guard let content = content(of: previous) else { continue }
            stillDecoded[previous.key] = (previous.json, content)
        }
        decoded = stillDecoded
        let previous = Dictionary(lastGood.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        for key in Set(snapshot.documents.keys).union(previous.keys).sorted() {
            contenders[key] = snapshot.contender(key, lastGood: previous[key], content: decoded[key]?.content)
        }
        Arbiter.settle(&contenders)
        return AcceptedSet(
            contenders: contenders, gateways: snapshot.gateways, fileErrors: snapshot.fileErrors.sorted(),
            fileMistakes: snapshot.fileMistakes)
    }

    private func content(of lastGood: LastGood) -> ResourceContent? {
        if let known = decoded[lastGood.key], known.json == lastGood.json { return known.content }
        // A version that an older program wrote and that this one cannot read is no version.
        guard let value = try? JSONValue(jsonText: lastGood.json) else { return nil }
        return try? ResourceContent(kind: lastGood.key.kind, value)
    }
}

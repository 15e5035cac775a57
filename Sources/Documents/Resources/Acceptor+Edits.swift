internal import Manifest

/// Snapshots that differ from the last one in a few Nodes.
extension Acceptor {
    /// With more changed files than this, the whole fleet is judged as quickly.
    private static let editLimit = 64

    /// The documents of the files that changed; nil if a file or a document was added or removed, or may have been.
    mutating func edits(in files: [ManifestFile], since last: AcceptedFleet) -> [ParsedDocument]? {
        guard last.isRepeatable, files.count == last.files.count else { return nil }
        var changed: [ManifestFile] = []
        for (file, before) in zip(files, last.files) where file != before {
            guard file.path == before.path, changed.count < Acceptor.editLimit else { return nil }
            changed.append(file)
        }
        var edits: [ParsedDocument] = []
        for file in changed {
            guard case .documents(let before)? = parsed[file.path]?.file, case .documents(let after) = parse(file),
                before.map(\.key) == after.map(\.key), !after.contains(where: { $0.key == nil })
            else { return nil }
            edits += after
        }
        return edits
    }

    /// Judges what edited documents can change.
    ///
    /// - Returns: the Nodes that are live from another version; nil when it takes the whole fleet.
    mutating func accept(
        _ edits: [ParsedDocument], in files: [ManifestFile], after last: inout AcceptedFleet, pruning: PruneRequest?
    ) -> Set<String>? {
        guard let contenders = last.contenders(for: edits) else { return nil }
        let history = Dictionary(
            contenders.all.compactMap { contender in contender.lastGood.map { (contender.key, $0) } },
            uniquingKeysWith: { first, _ in first })
        let present = Set(contenders.all.filter(last.isPresent).map(\.key))
        let outcome = judge(contenders, after: history, pruning: pruning, present: present)
        // A deletion that has to wait is counted against the whole fleet.
        guard outcome.held.isEmpty, let dirty = last.put(outcome.settled) else { return nil }
        for contender in outcome.settled.all { known[contender.key] = contender.live }
        last.files = files
        return dirty
    }
}

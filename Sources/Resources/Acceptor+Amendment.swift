public import Manifest

extension Acceptor {
    /// More changed files than this are judged with the whole fleet as quickly.
    private static let amendmentLimit = 64

    /// What changed files come to when nothing else can be concerned; nil when it takes the whole snapshot to tell.
    ///
    /// Only for other hosts' Nodes that were live from their documents, are free of mistakes, get along with everybody
    /// else, and lose no container. The whole snapshot is to be accepted all the same afterwards; it does not parse
    /// these files again.
    ///
    /// - Parameters:
    ///   - files: those whose contents differ from the snapshot that was accepted last; no file has come or gone.
    ///   - node: this host's own Node, on which everything depends.
    public mutating func amendment(of files: [ManifestFile], on node: String) -> Amendment? {
        guard let index = fleetIndex, files.count <= Acceptor.amendmentLimit else { return nil }
        defer { willParse(nil) }
        var changed: [Contender] = []
        for file in files {
            guard let found = changes(in: file, index.contenders) else { return nil }
            changed += found
        }
        changed.sort { $0.key < $1.key }
        let positions = Set(changed.compactMap { index.contenders.position(of: $0.key) })
        guard changed.allSatisfy({ $0.key.name != node && $0.keepsContainers }), positions.count == changed.count,
            !changed.contains(where: { index.isDisputed($0.claims, changed: positions) })
        else { return nil }
        // Among themselves and beside the overlays: the rules themselves.
        guard FleetRules(Contenders(sorted: changed + index.overlays)).violations().isEmpty else { return nil }
        return Amendment(
            before: changed.compactMap { $0.lastGood?.content.node },
            after: changed.compactMap { $0.live?.content.node })
    }

    /// The documents of a file that differ from the live version, each as a contender; nil when it is not that simple.
    private mutating func changes(in file: ManifestFile, _ fleet: Contenders) -> [Contender]? {
        guard case .documents(let before)? = parsed[file.path]?.file,
            case .documents(let after) = parse(file), before.count == after.count
        else { return nil }
        var changed: [Contender] = []
        for (old, new) in zip(before, after) {
            guard let key = new.key, key == old.key, let resource = new.resource, let known = fleet[key],
                known.isClean, new.nulls.isEmpty, let live = known.live, live.resource.json == old.resource?.json
            else { return nil }
            if resource.json == live.resource.json { continue }
            guard key.kind == .node else { return nil }
            let version = ResourceVersion(
                key: key, location: new.location, text: new.text, generation: live.generation + 1, resource: resource)
            changed.append(Contender(key: key, location: new.location, fresh: version, lastGood: live))
        }
        return changed
    }
}

extension Contender {
    /// Live from its document, which is without a mistake.
    fileprivate var isClean: Bool { errors.isEmpty && fresh != nil && live === fresh }

    fileprivate var claims: Claims { live?.claims ?? Claims() }

    /// A container that goes may have gone elsewhere, or be one deletion too many: the whole fleet tells.
    fileprivate var keepsContainers: Bool {
        let names = Set(live?.content.node?.spec.containers.map(\.name) ?? [])
        return lastGood?.content.node?.spec.containers.allSatisfy { names.contains($0.name) } ?? false
    }
}

internal import Manifest

/// The last snapshot that was accepted, and its result. It is kept so that the cost of the next snapshot is that of the
/// difference.
struct AcceptedFleet: Sendable {
    /// With more contenders than this, the whole fleet is judged as quickly.
    private static let partLimit = 512

    var files: [ManifestFile]
    private(set) var accepted: AcceptedSet
    private(set) var contenders: Contenders
    /// With the documents of the disputed alone.
    private var snapshot: Snapshot
    private var claims: ClaimIndex
    /// Resources that are not live from a document without mistakes. They are judged with every change: the history that
    /// decides on them may be another one.
    private var disputed: Set<ResourceKey>
    /// Resources that have findings.
    private var noted: Set<ResourceKey>
    private let listenPorts: [String: UInt16]
    /// Whether the next snapshot may be judged in part. False while a file that is blank or broken may have to be treated
    /// otherwise, because the resources that it held have changed.
    private(set) var isRepeatable: Bool

    /// - Parameters:
    ///   - snapshot: of all files.
    ///   - contenders: settled.
    init(
        files: [ManifestFile], snapshot: Snapshot, contenders: Contenders, held: HeldDeletions,
        renamedOverlays: [String: String]
    ) {
        self.files = files
        self.snapshot = snapshot
        self.contenders = contenders
        accepted = AcceptedSet(
            contenders: contenders.all, unserved: snapshot.unserved, fileErrors: snapshot.fileErrors.sorted(),
            held: held, renamedOverlays: renamedOverlays)
        listenPorts = Dictionary(
            accepted.live.overlays.map { ($0.metadata.name, $0.spec.wireguard.listenPort) },
            uniquingKeysWith: { first, _ in first })
        claims = ClaimIndex(contenders.all, listenPorts: listenPorts)
        disputed = Set(contenders.all.filter { !$0.isClean }.map(\.key))
        let overlays = OverlayNames(accepted)
        noted = Set(contenders.all.filter { $0.isNoted(overlays) }.map(\.key))
        isRepeatable = !(snapshot.dependsOnPlaces && contenders.all.contains(where: \.hasMoved))
        accepted.findings = findings()
        self.snapshot.complete(keeping: disputed)
    }

    /// The contenders whose result new documents can change, and all that can decide on them: the rules have the same
    /// result for each of them as with the whole fleet.
    ///
    /// These are the contenders of the new documents and the disputed ones, whoever claims something that their documents
    /// claim, and the Overlays. None of the Overlays may have changed: then none gives way, and everybody else stays live
    /// from the same version.
    ///
    /// - Parameter edits: each in place of the document of the same resource in the same file.
    /// - Returns: nil when it takes the whole fleet.
    mutating func contenders(for edits: [ParsedDocument]) -> Contenders? {
        var open = disputed
        for edit in edits {
            guard let key = edit.key, let last = contenders[key], last.isClean || snapshot.documents[key]?.count == 1
            else { return nil }
            snapshot.documents[key] = [edit]
            open.insert(key)
        }
        guard open.count <= AcceptedFleet.partLimit else { return nil }
        var part: [Contender] = []
        var neighbours: Set<Int32> = []
        for key in open {
            let lastGood = contenders[key]?.live?.asLastGood
            guard let next = snapshot.contender(key, previous: lastGood?.lastGood, lastGood: lastGood) else {
                return nil
            }
            part.append(next)
            // What was live last is in conflict with nobody who was.
            if let fresh = next.fresh { neighbours.formUnion(claims.neighbours(of: fresh.claims)) }
        }
        let others = neighbours.map { contenders.all[Int($0)] } + contenders.overlays
        part += others.filter { !open.contains($0.key) }.map(\.again)
        guard part.count <= AcceptedFleet.partLimit,
            part.allSatisfy({ $0.key.kind != .overlay || $0.isUnchanged })
        else { return nil }
        return Contenders(sorted: part.sorted { $0.key < $1.key })
    }

    /// Whether a document holds the resource.
    func isPresent(_ contender: Contender) -> Bool { contender.isClean || snapshot.documents[contender.key] != nil }

    /// Updates the result with that of a part.
    ///
    /// - Returns: the names of the Nodes that are live from another version; nil, and nothing is changed, when a resource
    ///   is live that was not, or the reverse.
    mutating func put(_ part: Contenders) -> Set<String>? {
        let positions = part.all.compactMap { contenders.position(of: $0.key) }
        let pairs = zip(positions, part.all)
        guard pairs.allSatisfy({ (contenders.all[$0].live == nil) == ($1.live == nil) }) else { return nil }
        var dirty: Set<String> = []
        accepted.put(part.all)
        (accepted.held, accepted.renamedOverlays) = (HeldDeletions(), [:])
        let overlays = OverlayNames(accepted)
        for (position, contender) in pairs {
            let last = contenders.all[position]
            if let before = last.live, let after = contender.live, before.resource !== after.resource {
                if contender.key.kind == .node {
                    claims.remove(before, owner: Int32(position))
                    claims.add(after, owner: Int32(position))
                }
                if before.resource.json != after.resource.json { dirty.insert(contender.key.name) }
            }
            contenders.put(contender, at: position)
            if contender.isClean { disputed.remove(contender.key) } else { disputed.insert(contender.key) }
            if contender.isNoted(overlays) { noted.insert(contender.key) } else { noted.remove(contender.key) }
        }
        isRepeatable = !(snapshot.dependsOnPlaces && part.all.contains(where: \.hasMoved))
        accepted.findings = findings()
        snapshot.complete(keeping: disputed)
        return dirty
    }

    private func findings() -> [Finding] {
        let noted = noted.sorted().compactMap { contenders[$0] }
        let nested = claims.nestedRoutes.compactMap { pair -> NestedRoutes.Pair? in
            guard let outer = contenders.all[Int(pair.outer.owner)].live,
                let inner = contenders.all[Int(pair.inner.owner)].live
            else { return nil }
            return .init(outer: (pair.outer.cidr, outer), inner: (pair.inner.cidr, inner))
        }
        let sharers = claims.endpointSharers.sorted().compactMap { contenders.all[Int($0)].live }
        return
            (noted.flatMap(\.findings) + MissingOverlays.findings(in: noted.compactMap(\.live), OverlayNames(accepted))
            + NestedRoutes.findings(in: nested) + snapshot.unserved.map(\.finding)
            + SharedEndpoints.findings(in: sharers, listenPorts: listenPorts)
            + snapshot.notes.map { Finding(resource: nil, reason: Reason.unsupportedKind, error: $0) }
            + snapshot.fileMistakes.map { Finding(resource: nil, reason: Reason.invalid, error: $0) }).sorted()
    }
}

extension Contender {
    /// Whether it is live from another file than before, or was not live before, or is not now.
    fileprivate var hasMoved: Bool { lastGood?.location.file != live?.location.file }
}

internal import Algorithms
internal import Manifest

extension AcceptedSet {
    /// The outcome, once every rule holds; without findings.
    ///
    /// - Parameters:
    ///   - contenders: sorted by key.
    ///   - unserved: what `Snapshot.unserved` says.
    init(
        contenders: [Contender], unserved: [UnservedDocument], fileErrors: [FileError], held: HeldDeletions,
        renamedOverlays: [String: String]
    ) {
        let versions = contenders.compactMap(\.live)
        let live = ResourceSet(
            nodes: versions.compactMap(\.content.node), overlays: versions.compactMap(\.content.overlay))
        let overlays = OverlayNames(contenders)
        self.init(
            live: live,
            acceptances: (contenders.map { Acceptance($0, overlays: overlays) } + unserved.map(\.acceptance)).sorted {
                $0.key < $1.key
            },
            fileErrors: fileErrors, lastGood: versions.map(\.lastGood), held: held, renamedOverlays: renamedOverlays)
    }

    /// Puts the outcome of some contenders in place of what there is of them; each is live if it was, and no Overlay
    /// comes or goes.
    mutating func put(_ contenders: [Contender]) {
        let overlays = OverlayNames(self)
        for contender in contenders {
            acceptances.put(Acceptance(contender, overlays: overlays), by: \.key)
            guard let version = contender.live else { continue }
            lastGood.put(version.lastGood, by: \.key)
            switch version.content {
            case .node(let node): live.nodes.put(node, by: \.metadata.name)
            case .overlay(let overlay): live.overlays.put(overlay, by: \.metadata.name)
            }
        }
    }
}

extension Array {
    /// Puts an element in place of the one with the same key, by which the array is sorted.
    fileprivate mutating func put<Key: Comparable>(_ element: Element, by path: KeyPath<Element, Key>) {
        let position = partitioningIndex { $0[keyPath: path] >= element[keyPath: path] }
        if position < endIndex, self[position][keyPath: path] == element[keyPath: path] { self[position] = element }
    }
}

/// A document of a kind that this version does not serve.
struct UnservedDocument {
    let acceptance: Acceptance
    let finding: Finding

    /// nil for a document that does not say which resource it is.
    init?(_ document: ParsedDocument) {
        guard let key = document.key else { return nil }
        let error = document.text.error(
            at: FieldPath(keys: "kind"), "this version does not serve Gateways",
            remedy: "remove it until a version does; nothing else is affected")
        finding = Finding(resource: key, reason: Reason.unsupportedKind, error: error)
        acceptance = Acceptance(
            key: key, location: document.location, status: .false, reason: finding.reason, message: error.description,
            generation: 0, json: nil)
    }
}

extension Acceptance {
    init(_ contender: Contender, overlays: OverlayNames) {
        let live = contender.live
        let missing = live.map { MissingOverlays.errors(in: $0, overlays) } ?? []
        let (status, reason, messages): (Condition.Status, String, [String]) =
            if !contender.errors.isEmpty {
                (.false, contender.reason, (contender.errors + missing).map(\.description))
            } else if !missing.isEmpty {
                (.false, Reason.refNotFound, missing.map(\.description))
            } else if let node = live?.content.node, node.spec.publicKey == nil {
                (
                    .true, Reason.publicKeyMissing,
                    [
                        "no publicKey yet, so it is nobody's peer: put there what `wgctl key show` prints on \(node.metadata.name)"
                    ]
                )
            } else {
                (.true, Reason.accepted, ["the resource is valid"])
            }
        self.init(
            key: contender.key, location: contender.location, status: status, reason: reason,
            message: messages.joined(separator: "\n"), generation: live?.generation ?? 0, json: live?.resource.json)
    }
}

extension Contender {
    /// Its mistakes, each with what it means for the resource. A file that cannot be read says so itself.
    var findings: [Finding] {
        errors.map { Finding(resource: key, reason: reason, error: $0) }
            + warnings.map { Finding(resource: key, reason: Reason.nullField, error: $0) }
            + (live?.endpointWarnings ?? []).map {
                Finding(resource: key, reason: Reason.unreachableEndpoint, error: $0)
            }
    }

    /// Whether it has findings, or a reference to an Overlay that is not live.
    func isNoted(_ overlays: OverlayNames) -> Bool {
        !findings.isEmpty || live.map { !MissingOverlays.indices(in: $0, overlays).isEmpty } ?? false
    }
}

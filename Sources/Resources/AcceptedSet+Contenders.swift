internal import Manifest

extension AcceptedSet {
    /// The outcome, once every rule holds.
    ///
    /// - Parameter contenders: sorted by key.
    init(
        contenders: [Contender], gateways: [ParsedDocument], fileErrors: [FileError], fileMistakes: [ManifestError],
        held: HeldDeletions, renamedOverlays: [String: String]
    ) {
        let versions = contenders.compactMap(\.live)
        let live = ResourceSet(
            nodes: versions.compactMap(\.content.node), overlays: versions.compactMap(\.content.overlay))
        let overlays = Set(live.overlays.map(\.metadata.name))
        let unserved = gateways.compactMap { document in
            document.key.map { key in
                let error = document.text.error(
                    at: FieldPath(keys: "kind"), "this version does not serve Gateways",
                    remedy: "remove it until a version does; nothing else is affected")
                return (
                    location: document.location,
                    finding: Finding(resource: key, reason: Reason.unsupportedKind, error: error)
                )
            }
        }
        let unservedAcceptances = unserved.map { location, finding in
            Acceptance(
                key: finding.resource ?? ResourceKey(.gateway, ""), location: location, status: .false,
                reason: finding.reason, message: finding.error.description, generation: 0, json: nil)
        }
        self.init(
            live: live,
            acceptances: (contenders.map { Acceptance($0, overlays: overlays) } + unservedAcceptances).sorted {
                $0.key < $1.key
            },
            fileErrors: fileErrors,
            lastGood: versions.map(\.lastGood),
            findings: (contenders.flatMap { $0.findings(overlays) } + unserved.map(\.finding)
                + SharedEndpoints.findings(in: versions)
                + fileMistakes.map { Finding(resource: nil, reason: Reason.invalid, error: $0) }).sorted(),
            held: held, renamedOverlays: renamedOverlays)
    }
}

extension Acceptance {
    init(_ contender: Contender, overlays: Set<String>) {
        let live = contender.live
        let missing = live.map { $0.missingReferences(overlays) } ?? []
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
    fileprivate func findings(_ overlays: Set<String>) -> [Finding] {
        errors.map { Finding(resource: key, reason: reason, error: $0) }
            + (live?.missingReferences(overlays) ?? []).map {
                Finding(resource: key, reason: Reason.refNotFound, error: $0)
            }
            + warnings.map { Finding(resource: key, reason: Reason.nullField, error: $0) }
    }
}

extension ResourceVersion {
    /// Overlays that are named and not live; the rest of the resource works.
    fileprivate func missingReferences(_ overlays: Set<String>) -> [ManifestError] {
        guard let spec = content.node?.spec else { return [] }
        return spec.overlays.enumerated().filter { !overlays.contains($0.element.name) }.map { index, membership in
            let (reason, remedy) = FleetRules.missing(overlay: membership.name)
            return error(at: FleetRules.spec + "overlays" + index + "name", reason, remedy: remedy)
        }
    }
}

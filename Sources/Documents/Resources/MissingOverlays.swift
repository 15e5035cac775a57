internal import Manifest

/// The Overlays that Nodes can refer to, by name.
struct OverlayNames {
    let live: Set<String>
    /// Those that a document holds and that are not accepted.
    let refused: Set<String>

    init(_ contenders: [Contender]) {
        let overlays = contenders.filter { $0.key.kind == .overlay }
        live = Set(overlays.filter { $0.live != nil }.map(\.key.name))
        refused = Set(overlays.filter { $0.live == nil }.map(\.key.name))
    }

    init(_ accepted: AcceptedSet) {
        live = Set(accepted.live.overlays.map(\.metadata.name))
        refused = Set(accepted.acceptances.filter { $0.key.kind == .overlay }.map(\.key.name)).subtracting(live)
    }
}

/// References to Overlays that are not live; the rest of the Node works.
enum MissingOverlays {
    /// The memberships of a Node whose Overlay is not live.
    static func indices(in version: ResourceVersion, _ overlays: OverlayNames) -> [Int] {
        guard let memberships = version.content.node?.spec.overlays else { return [] }
        return memberships.indices.filter { !overlays.live.contains(memberships[$0].name) }
    }

    /// For the condition of one Node: each of its references.
    static func errors(in version: ResourceVersion, _ overlays: OverlayNames) -> [ManifestError] {
        indices(in: version, overlays).map { index in
            let name = version.content.node?.spec.overlays[index].name ?? ""
            let (reason, remedy) =
                overlays.refused.contains(name) ? FleetRules.refused(overlay: name) : FleetRules.missing(overlay: name)
            return version.error(at: path(index), reason, remedy: remedy)
        }
    }

    /// One for each Overlay that no document holds, at the first Node that refers to it. None for a refused one: its own
    /// mistakes are findings, and correcting them is all that there is to do.
    ///
    /// - Parameter versions: by name.
    static func findings(in versions: [ResourceVersion], _ overlays: OverlayNames) -> [Finding] {
        var first: [String: (version: ResourceVersion, index: Int)] = [:]
        var counts: [String: Int] = [:]
        for version in versions {
            for index in indices(in: version, overlays) {
                guard let name = version.content.node?.spec.overlays[index].name, !overlays.refused.contains(name)
                else { continue }
                counts[name, default: 0] += 1
                if first[name] == nil { first[name] = (version, index) }
            }
        }
        return first.map { name, reference in
            let others = (counts[name] ?? 1) - 1
            let more = others == 0 ? "" : ", to which \(others) more Node\(others == 1 ? " refers" : "s refer")"
            let (reason, remedy) = FleetRules.missing(overlay: name)
            let error = reference.version.error(at: path(reference.index), reason + more, remedy: remedy)
            return Finding(resource: reference.version.key, reason: Reason.refNotFound, error: error)
        }
    }

    private static func path(_ index: Int) -> FieldPath { FleetRules.spec + "overlays" + index + "name" }
}

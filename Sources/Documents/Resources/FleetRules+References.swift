internal import Manifest

/// References from one resource to another.
extension FleetRules {
    /// Changed Nodes that refer to an Overlay that is not there: each keeps its last good version, as after any mistake.
    ///
    /// A Node without a last good version is live without that membership, and so is one whose document did not change:
    /// it has nothing to fall back to.
    func references() -> [Violation] {
        nodes.compactMap { version in
            guard version.text != nil, let lastGood = contenders[version.key]?.lastGood,
                lastGood.resource !== version.resource, lastGood.resource.json != version.resource.json
            else { return nil }
            let memberships = version.content.node?.spec.overlays ?? []
            guard let index = memberships.firstIndex(where: { overlaysByName[$0.name] == nil }) else { return nil }
            let path = FleetRules.spec + "overlays" + index + "name"
            let name = memberships[index].name
            return Violation(
                reason: Reason.refNotFound, parties: [.init(version: version, path: path, isHeld: false)]
            ) { [contenders] _, _ in
                // It may be there and refused: in the middle of a rename, file by file, its newcomer is.
                contenders[ResourceKey(.overlay, name)] == nil
                    ? FleetRules.missing(overlay: name)
                    : FleetRules.refused(overlay: name)
            }
        }
    }

    /// Reason and remedy for a reference to an Overlay that has mistakes.
    static func refused(overlay name: String) -> (reason: String, remedy: String) {
        ("Overlay \"\(name)\" is not accepted", "correct it first")
    }

    /// Reason and remedy for a reference to an Overlay that is not there.
    static func missing(overlay name: String) -> (reason: String, remedy: String) {
        ("there is no Overlay \"\(name)\"", "add it, or correct the name")
    }
}

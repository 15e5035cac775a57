internal import Manifest
internal import NetAddress

/// The rules across resources, on one version of each.
struct FleetRules {
    let contenders: Contenders
    /// What is live, sorted by name.
    let nodes: [ResourceVersion]
    let overlays: [ResourceVersion]
    let overlaysByName: [String: ResourceVersion]

    init(_ contenders: Contenders) {
        self.contenders = contenders
        let live = contenders.all.compactMap(\.live)
        nodes = live.filter { $0.key.kind == .node }
        overlays = live.filter { $0.key.kind == .overlay }
        overlaysByName = Dictionary(overlays.map { ($0.key.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func violations() -> [Violation] {
        publicKeys() + networkNames() + addressesInSubnets() + addressOwners() + tunnelsPerNode()
            + derivedInterfacesPerNode() + ranges() + references()
    }

    /// What a resource held before; without history, what this host carries of it.
    func lastGoodClaims(_ version: ResourceVersion) -> Claims? {
        contenders[version.key].flatMap { $0.lastGood?.claims ?? $0.carried }
    }
    func lastGoodNode(_ key: ResourceKey) -> NodeSpec? { contenders[key]?.lastGood?.content.node?.spec }
    func lastGoodOverlay(_ key: ResourceKey) -> OverlaySpec? { contenders[key]?.lastGood?.content.overlay?.spec }

    /// By (kind, name), the last first. A name decides only among parties that history has found equal.
    static func latestFirst(_ parties: [Violation.Party]) -> [Violation.Party] {
        parties.enumerated()
            .sorted { ($0.element.version.key, $0.offset) > ($1.element.version.key, $1.offset) }
            .map(\.element)
    }

    static let spec = FieldPath(keys: "spec")

    private func publicKeys() -> [Violation] {
        let claims = nodes.compactMap { version in version.claims.publicKey.map { (thing: $0, by: version) } }
        return contests(over: claims) { key, version in
            Violation.Party(
                version: version, path: FleetRules.spec + "publicKey",
                isHeld: lastGoodClaims(version)?.publicKey == key)
        } explain: { _, others in
            (
                "the same public key as \(others.map(\.place).joined(separator: ", "))",
                "put the key there that `wgctl key show` prints on this host"
            )
        }
    }

    private func networkNames() -> [Violation] {
        let claims = overlays.compactMap { version in version.claims.networkName.map { (thing: $0, by: version) } }
        return contests(over: claims) { name, version in
            Violation.Party(
                version: version, path: FleetRules.spec + "network" + "name",
                isHeld: lastGoodClaims(version)?.networkName == name)
        } explain: { _, others in
            ("the same Podman network as \(others.map(\.place).joined(separator: ", "))", "choose another name")
        }
    }

    /// A violation for each claimant of a thing beyond its keeper, or for all where nobody had it. Parties are made of those that clash, which is mostly
    /// nobody.
    func contests<Thing: Hashable, Claimant>(
        over claims: [(thing: Thing, by: Claimant)], party: (Thing, Claimant) -> Violation.Party,
        explain: @escaping Violation.Explanation
    ) -> [Violation] {
        var first: [Thing: Int] = [:]
        first.reserveCapacity(claims.count)
        var contested: [Thing: [Int]] = [:]
        for (index, claim) in claims.enumerated() {
            if let other = first[claim.thing] {
                contested[claim.thing, default: [other]].append(index)
            } else {
                first[claim.thing] = index
            }
        }
        let violations = contested.flatMap { thing, indices in
            contest(indices.map { party(thing, claims[$0].by) }, explain)
        }
        // Each message is made once: to make them while comparing would cost more than all the rules.
        return violations.map { (message: $0.message, violation: $0) }.sorted { $0.message < $1.message }
            .map(\.violation)
    }

    /// A violation for each party beyond the keeper. Where nobody had the thing before, nobody gets it: to let a name
    /// decide would cut off the rightful host wherever history is lost.
    func contest(_ parties: [Violation.Party], _ explain: @escaping Violation.Explanation) -> [Violation] {
        guard let keeper = FleetRules.keeper(of: parties) else { return [] }
        if Violation.isTie(parties) { return FleetRules.tie(parties, explain) }
        return FleetRules.latestFirst(parties).compactMap { party in
            if party.version.key == keeper.version.key, party.path == keeper.path { return nil }
            let isOwn = party.version.key == keeper.version.key
            return Violation(
                reason: isOwn ? Reason.invalid : Reason.conflict, parties: [party, keeper], explain: explain)
        }
    }

    /// A violation for each of several resources that claim one thing, which none of them had.
    static func tie(_ parties: [Violation.Party], _ explain: @escaping Violation.Explanation) -> [Violation] {
        latestFirst(parties).map { party in
            let others = parties.filter { $0.version.key != party.version.key }
            return Violation(reason: Reason.conflict, parties: [party] + others, isTie: true, explain: explain)
        }
    }

    /// Who keeps a thing that several claim: who held it, and of those the first.
    static func keeper(of parties: [Violation.Party]) -> Violation.Party? {
        let order = latestFirst(parties)
        return order.last { $0.isHeld } ?? order.last
    }
}

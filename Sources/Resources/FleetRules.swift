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
            + derivedInterfacesPerNode() + ranges()
    }

    func lastGoodClaims(_ version: ResourceVersion) -> Claims? { contenders[version.key]?.lastGood?.claims }
    func lastGoodNode(_ key: ResourceKey) -> NodeSpec? { contenders[key]?.lastGood?.content.node?.spec }
    func lastGoodOverlay(_ key: ResourceKey) -> OverlaySpec? { contenders[key]?.lastGood?.content.overlay?.spec }

    /// Where history does not decide, the first by (kind, name) keeps the thing: the last gives way.
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

    /// A violation for each claimant of a thing beyond its keeper. Parties are made of those that clash, which is mostly
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

    /// A violation for each party beyond the keeper.
    func contest(_ parties: [Violation.Party], _ explain: @escaping Violation.Explanation) -> [Violation] {
        guard let keeper = FleetRules.keeper(of: parties) else { return [] }
        return FleetRules.latestFirst(parties).compactMap { party in
            if party.version.key == keeper.version.key, party.path == keeper.path { return nil }
            let isOwn = party.version.key == keeper.version.key
            return Violation(
                reason: isOwn ? Reason.invalid : Reason.conflict, parties: [party, keeper], explain: explain)
        }
    }

    /// Who keeps a thing that several claim: who held it, and of those the first.
    static func keeper(of parties: [Violation.Party]) -> Violation.Party? {
        let order = latestFirst(parties)
        return order.last { $0.isHeld } ?? order.last
    }
}

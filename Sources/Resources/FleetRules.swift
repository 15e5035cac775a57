internal import Manifest
internal import NetAddress

/// The rules across resources, on one version of each.
struct FleetRules {
    let contenders: [ResourceKey: Contender]
    /// Sorted by name.
    let nodes: [(version: ResourceVersion, node: Node)]
    let overlays: [(version: ResourceVersion, overlay: Overlay)]
    let overlaysByName: [String: (version: ResourceVersion, overlay: Overlay)]

    init(_ contenders: [ResourceKey: Contender]) {
        self.contenders = contenders
        let live = contenders.values.compactMap(\.live).sorted { $0.key < $1.key }
        nodes = live.compactMap { version in version.content.node.map { (version, $0) } }
        overlays = live.compactMap { version in version.content.overlay.map { (version, $0) } }
        overlaysByName = Dictionary(overlays.map { ($0.version.key.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func violations() -> [Violation] {
        publicKeys() + networkNames() + addressesInSubnets() + addressOwners() + tunnelsPerNode() + ranges()
    }

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
        let path = FleetRules.spec + "publicKey"
        var owners: [PublicKey: [Violation.Party]] = [:]
        for (version, node) in nodes {
            guard let key = node.spec.publicKey else { continue }
            let isHeld = lastGoodNode(version.key)?.publicKey == key
            owners[key, default: []].append(.init(version: version, path: path, isHeld: isHeld))
        }
        return pairs(owners) { _, others in
            (
                "the same public key as \(others.map(\.place).joined(separator: ", "))",
                "put the key there that `wgctl key show` prints on this host"
            )
        }
    }

    private func networkNames() -> [Violation] {
        var owners: [String: [Violation.Party]] = [:]
        for (version, overlay) in overlays {
            let name = overlay.spec.network.name ?? version.key.name
            let isHeld = lastGoodOverlay(version.key).map { ($0.network.name ?? version.key.name) == name } ?? false
            owners[name, default: []].append(
                .init(version: version, path: FleetRules.spec + "network" + "name", isHeld: isHeld))
        }
        return pairs(owners) { _, others in
            ("the same Podman network as \(others.map(\.place).joined(separator: ", "))", "choose another name")
        }
    }

    /// One violation for each owner of a thing beyond its keeper.
    func pairs<Thing: Hashable>(
        _ owners: [Thing: [Violation.Party]], _ explain: @escaping Violation.Explanation
    ) -> [Violation] {
        // Each message is made once: to make them while comparing would cost more than all the rules.
        owners.values.filter { $0.count > 1 }.flatMap { contest($0, explain) }
            .map { (message: $0.message, violation: $0) }.sorted { $0.message < $1.message }.map(\.violation)
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

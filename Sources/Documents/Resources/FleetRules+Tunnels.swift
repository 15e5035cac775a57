internal import Manifest
internal import NetAddress

/// Interfaces and listen ports: each once on a node.
extension FleetRules {
    private struct Tunnel {
        let index: Int
        let membership: OverlayMembership
        let overlay: ResourceVersion
        let wireguard: OverlaySpec.WireGuard
    }

    func tunnelsPerNode() -> [Violation] {
        nodes.flatMap { version -> [Violation] in
            guard let memberships = version.content.node?.spec.overlays, memberships.count > 1 else { return [] }
            let tunnels = memberships.enumerated().compactMap { index, membership -> Tunnel? in
                guard let owner = overlaysByName[membership.name], let overlay = owner.content.overlay else {
                    return nil
                }
                return Tunnel(
                    index: index, membership: membership, overlay: owner, wireguard: overlay.spec.wireguard)
            }
            let interfaces = clashes(
                version, tunnels, field: "interface", "the interface",
                value: { $0.membership.interface ?? $0.wireguard.interface },
                isOverridden: { $0.membership.interface != nil }, overlayHeld: { $0.interface == $1.interface })
            let ports = clashes(
                version, tunnels, field: "listenPort", "the listen port",
                value: { String($0.membership.listenPort ?? $0.wireguard.listenPort) },
                isOverridden: { $0.membership.listenPort != nil }, overlayHeld: { $0.listenPort == $1.listenPort })
            return interfaces + ports
        }
    }

    private func clashes(
        _ node: ResourceVersion, _ tunnels: [Tunnel], field: String, _ what: String, value: (Tunnel) -> String,
        isOverridden: (Tunnel) -> Bool,
        overlayHeld: (OverlaySpec.WireGuard, OverlaySpec.WireGuard) -> Bool
    ) -> [Violation] {
        var first: [String: Tunnel] = [:]
        var violations: [Violation] = []
        for tunnel in tunnels {
            let shown = value(tunnel)
            guard let other = first[shown] else {
                first[shown] = tunnel
                continue
            }
            let memberships = lastGoodNode(node.key)?.overlays ?? []
            let isHeld = [tunnel, other].allSatisfy { pair in
                memberships.contains {
                    $0.name == pair.membership.name && $0.interface == pair.membership.interface
                        && $0.listenPort == pair.membership.listenPort
                }
            }
            let path = FleetRules.spec + "overlays" + tunnel.index
            var parties = [
                Violation.Party(version: node, path: isOverridden(tunnel) ? path + field : path, isHeld: isHeld)
            ]
            for side in [tunnel, other] where !isOverridden(side) {
                let wasHeld =
                    lastGoodOverlay(side.overlay.key).map { overlayHeld($0.wireguard, side.wireguard) } ?? false
                parties.append(
                    .init(version: side.overlay, path: FleetRules.spec + "wireguard" + field, isHeld: wasHeld))
            }
            let names = "\(other.membership.name) and \(tunnel.membership.name)"
            violations.append(
                Violation(reason: Reason.conflict, parties: parties) { blamed, others in
                    let place = blamed.version.key.kind == .node ? "this node" : others.first?.place ?? ""
                    let seen = others.map(\.place).joined(separator: ", ")
                    return (
                        "\(what) \(shown) is used by both overlays \(names) on \(place)"
                            + (blamed.version.key.kind == .node && !seen.isEmpty ? " (\(seen))" : ""),
                        "set another \(field) here or on the node"
                    )
                })
        }
        return violations
    }
}

internal import Manifest
internal import NetAddress

/// Interfaces that wgctl derives from the name of an overlay's WireGuard interface: its bridge, and the bridge's anchor.
/// On one node none of them may have a name of another overlay's, or one overlay would cut the other off.
extension FleetRules {
    /// One overlay on one node.
    private struct Carrier {
        let index: Int
        let membership: OverlayMembership
        let overlay: ResourceVersion
        let names: InterfaceNames

        var isOverridden: Bool { membership.interface != nil }
    }

    /// Clashes of derived names. Two WireGuard interfaces of one name are `tunnelsPerNode`'s.
    func derivedInterfacesPerNode() -> [Violation] {
        nodes.flatMap { version -> [Violation] in
            guard let memberships = version.content.node?.spec.overlays, memberships.count > 1 else { return [] }
            let interfaces = memberships.map { ($0, overlaysByName[$0.name]) }.map { membership, overlay in
                membership.interface ?? overlay?.content.overlay?.spec.wireguard.interface
            }
            guard interfaces.contains(where: { $0.map(InterfaceNames.canClash) ?? false }) else { return [] }
            let carriers = zip(memberships.indices, zip(memberships, interfaces)).compactMap {
                index, entry -> Carrier? in
                guard let overlay = overlaysByName[entry.0.name], let interface = entry.1 else { return nil }
                return Carrier(
                    index: index, membership: entry.0, overlay: overlay, names: InterfaceNames(wireguard: interface))
            }
            return derivedClashes(version, carriers)
        }
    }

    private func derivedClashes(_ node: ResourceVersion, _ carriers: [Carrier]) -> [Violation] {
        var first: [String: (carrier: Carrier, role: String)] = [:]
        var violations: [Violation] = []
        for carrier in carriers {
            // One violation for a pair of overlays, whatever they have in common.
            var told: Set<Int> = []
            for (name, role) in carrier.names.roles {
                guard let other = first[name] else {
                    first[name] = (carrier, role)
                    continue
                }
                guard other.carrier.names.wireguard != carrier.names.wireguard,
                    told.insert(other.carrier.index).inserted
                else { continue }
                violations.append(violation(node, name, carrier, role, other.carrier, other.role))
            }
        }
        return violations
    }

    private func violation(
        _ node: ResourceVersion, _ name: String, _ carrier: Carrier, _ role: String, _ other: Carrier,
        _ otherRole: String
    ) -> Violation {
        let memberships = lastGoodNode(node.key)?.overlays ?? []
        let isHeld = [carrier, other].allSatisfy { side in
            memberships.contains { $0.name == side.membership.name && $0.interface == side.membership.interface }
        }
        let path = FleetRules.spec + "overlays" + carrier.index
        var parties = [
            Violation.Party(version: node, path: carrier.isOverridden ? path + "interface" : path, isHeld: isHeld)
        ]
        for side in [carrier, other] where !side.isOverridden {
            let wasHeld =
                lastGoodOverlay(side.overlay.key).map { $0.wireguard.interface == side.names.wireguard } ?? false
            parties.append(
                .init(version: side.overlay, path: FleetRules.spec + "wireguard" + "interface", isHeld: wasHeld))
        }
        return Violation(reason: Reason.conflict, parties: parties) { blamed, others in
            let isNode = blamed.version.key.kind == .node
            let place = isNode ? "this node" : others.first?.place ?? ""
            let seen = others.map(\.place).joined(separator: ", ")
            return (
                "the interface \(name) is \(otherRole) of overlay \(other.membership.name) and \(role) of overlay "
                    + "\(carrier.membership.name) on \(place)" + (isNode && !seen.isEmpty ? " (\(seen))" : ""),
                "set another interface here or on the node; wgctl derives br-, va- and vb- names from it"
            )
        }
    }
}

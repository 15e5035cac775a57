internal import Manifest
internal import NetAddress

/// Addresses: inside their overlay, one per family, one owner each.
extension FleetRules {
    struct OverlayAddress: Hashable {
        let overlay: String
        let address: IPAddress
    }

    struct AddressUse {
        let overlay: String
        let addresses: [IPAddress]
        let path: FieldPath
        /// The node's own addresses, not a container's.
        let isHost: Bool
    }

    static func uses(of spec: NodeSpec) -> [AddressUse] {
        let own = spec.overlays.enumerated().map { index, membership in
            AddressUse(
                overlay: membership.name, addresses: membership.addresses,
                path: FleetRules.spec + "overlays" + index + "addresses", isHost: true)
        }
        let containers = spec.containers.enumerated().flatMap { index, container in
            container.networks.enumerated().map { number, network in
                AddressUse(
                    overlay: network.overlay, addresses: network.addresses,
                    path: FleetRules.spec + "containers" + index + "networks" + number + "addresses", isHost: false)
            }
        }
        return own + containers
    }

    private func heldAddresses(_ key: ResourceKey) -> Set<OverlayAddress> {
        guard let spec = lastGoodNode(key) else { return [] }
        let routes = spec.overlays.flatMap { membership in
            membership.routes.filter(\.isHost).map { OverlayAddress(overlay: membership.name, address: $0.address) }
        }
        return Set(
            FleetRules.uses(of: spec).flatMap { use in
                use.addresses.map { OverlayAddress(overlay: use.overlay, address: $0) }
            } + routes)
    }

    func addressesInSubnets() -> [Violation] {
        var violations: [Violation] = []
        for (version, node) in nodes {
            for use in FleetRules.uses(of: node.spec) {
                guard let (owner, overlay) = overlaysByName[use.overlay] else { continue }
                let subnets = overlay.spec.subnets
                for (index, address) in use.addresses.enumerated() {
                    guard let fault = FleetRules.fault(of: address, in: subnets) else { continue }
                    let wasGood = FleetRules.uses(of: lastGoodNode(version.key) ?? NodeSpec()).contains {
                        $0.overlay == use.overlay && $0.addresses.contains(address)
                    }
                    violations.append(
                        subnetViolation(version, use.path + index, wasGood, owner, subnets) {
                            ("\(address) \(fault) \($0)", "choose an address inside of it")
                        })
                }
                let families = Set(use.addresses.map(\.family))
                for subnet in subnets where !families.contains(subnet.family) {
                    let wasGood = FleetRules.uses(of: lastGoodNode(version.key) ?? NodeSpec()).contains {
                        $0.overlay == use.overlay && $0.addresses == use.addresses
                    }
                    violations.append(
                        subnetViolation(version, use.path, wasGood, owner, subnets) {
                            ("no IP\(subnet.family) address, and there is a subnet \(subnet) in \($0)", "add one of it")
                        })
                }
            }
        }
        return violations
    }

    /// A clash of a node's addresses with an overlay's subnets: whoever changed gives way, the node first.
    private func subnetViolation(
        _ node: ResourceVersion, _ path: FieldPath, _ nodeIsHeld: Bool, _ overlay: ResourceVersion, _ subnets: [CIDR],
        _ explain: @escaping (_ overlay: String) -> (reason: String, remedy: String)
    ) -> Violation {
        let overlayIsHeld = lastGoodOverlay(overlay.key)?.subnets == subnets
        return Violation(
            reason: Reason.invalid,
            parties: [
                .init(version: node, path: path, isHeld: nodeIsHeld),
                .init(version: overlay, path: FleetRules.spec + "subnets", isHeld: overlayIsHeld),
            ]
        ) { blamed, others in
            let place = others.map(\.place).joined()
            let (reason, remedy) = explain(blamed.version.key.kind == .node ? place : "\(overlay.key)")
            guard blamed.version.key.kind == .overlay else { return (reason, remedy) }
            return ("does not fit \(place): \(reason)", "change the node in the same step")
        }
    }

    /// Why an address cannot be used, in words before the overlay's name.
    private static func fault(of address: IPAddress, in subnets: [CIDR]) -> String? {
        guard let subnet = subnets.first(where: { $0.contains(address) }) else {
            return "is outside of \(subnets.map(\.description).joined(separator: " and ")) of"
        }
        if address == subnet.address { return "is the network address of \(subnet) of" }
        if address.family == .v4, address == subnet.lastAddress { return "is the broadcast address of \(subnet) of" }
        return nil
    }

    func addressOwners() -> [Violation] {
        var owners: [OverlayAddress: [Violation.Party]] = [:]
        for (version, node) in nodes {
            var held: Set<OverlayAddress>?
            func claim(_ overlay: String, _ address: IPAddress, _ path: FieldPath) {
                let thing = OverlayAddress(overlay: overlay, address: address)
                let mine = held ?? heldAddresses(version.key)
                held = mine
                owners[thing, default: []].append(.init(version: version, path: path, isHeld: mine.contains(thing)))
            }
            for use in FleetRules.uses(of: node.spec) {
                for (index, address) in use.addresses.enumerated() { claim(use.overlay, address, use.path + index) }
            }
            for (index, membership) in node.spec.overlays.enumerated() {
                for (number, route) in membership.routes.enumerated() where route.isHost {
                    claim(
                        membership.name, route.address,
                        FleetRules.spec + "overlays" + index + "routes" + number)
                }
            }
        }
        return pairs(owners) { _, others in
            ("the address is in use by \(others.map(\.place).joined(separator: ", "))", "choose another")
        }
    }
}

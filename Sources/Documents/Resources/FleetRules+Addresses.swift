internal import Manifest
internal import NetAddress

/// Addresses: inside their overlay, one per family, one owner each.
extension FleetRules {
    func addressesInSubnets() -> [Violation] {
        nodes.flatMap { version in
            version.claims.uses.flatMap { use -> [Violation] in
                guard let overlay = overlaysByName[use.overlay] else { return [] }
                return faults(of: use, in: overlay.claims.subnets).map { fault in
                    subnetViolation(version, use, fault, overlay)
                }
            }
        }
    }

    private struct Fault {
        /// nil: the list as a whole.
        let item: Int?
        /// In words before the overlay's name.
        let text: String
        let remedy: String
    }

    private func faults(of use: Claims.Use, in subnets: [CIDR]) -> [Fault] {
        var faults: [Fault] = []
        for (index, address) in use.addresses.enumerated() {
            guard let fault = FleetRules.fault(of: address, in: subnets) else { continue }
            faults.append(
                Fault(item: index, text: "\(address) \(fault)", remedy: "choose an address inside of it"))
        }
        for subnet in subnets where !use.addresses.contains(where: { $0.family == subnet.family }) {
            faults.append(
                Fault(
                    item: nil, text: "no IP\(subnet.family) address, and there is a subnet \(subnet) in",
                    remedy: "add one of it"))
        }
        return faults
    }

    /// A clash of a node's addresses with an overlay's subnets: whoever changed gives way, the node first.
    private func subnetViolation(
        _ node: ResourceVersion, _ use: Claims.Use, _ fault: Fault, _ overlay: ResourceVersion
    ) -> Violation {
        let nodeIsHeld =
            lastGoodClaims(node)?.uses.contains { before in
                before.overlay == use.overlay
                    && (fault.item.map { before.addresses.contains(use.addresses[$0]) }
                        ?? (before.addresses == use.addresses))
            } ?? false
        let overlayIsHeld = lastGoodClaims(overlay)?.subnets == overlay.claims.subnets
        let field = fault.item.map { use.field.item($0) } ?? use.field
        return Violation(
            reason: Reason.invalid,
            parties: [
                .init(version: node, path: field.path, isHeld: nodeIsHeld),
                .init(version: overlay, path: FleetRules.spec + "subnets", isHeld: overlayIsHeld),
            ]
        ) { blamed, others in
            let place = others.map(\.place).joined()
            guard blamed.version.key.kind == .overlay else { return ("\(fault.text) \(place)", fault.remedy) }
            return (
                "does not fit \(place): \(fault.text) \(blamed.version.key)", "change the node in the same step"
            )
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
        let claims = nodes.flatMap { version in
            version.claims.addresses.map { (thing: $0.thing, by: (version: version, field: $0.field)) }
        }
        return contests(over: claims) { thing, claimant in
            Violation.Party(
                version: claimant.version, path: claimant.field.path,
                isHeld: lastGoodClaims(claimant.version)?.addresses.contains { $0.thing == thing } ?? false)
        } explain: { blamed, others in
            let isOpen = others.allSatisfy { !$0.isHeld && $0.version.key != blamed.version.key }
            let places = others.map(\.place).joined(separator: ", ")
            return ("the address is \(isOpen ? "also claimed" : "in use") by \(places)", "choose another")
        }
    }
}

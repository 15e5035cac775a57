internal import Manifest
internal import NetAddress

/// Subnets, routes and endpoints: what may contain what.
extension FleetRules {
    private struct Range {
        enum Role: Int {
            case subnet, route, endpoint
        }

        let cidr: CIDR
        let role: Role
        let overlay: String
        let party: Violation.Party

        static func < (a: Range, b: Range) -> Bool {
            a.cidr == b.cidr
                ? (a.role.rawValue, a.party.version.key) < (b.role.rawValue, b.party.version.key) : a.cidr < b.cidr
        }
    }

    /// CIDRs nest or are apart, so one pass in order with the open ones on a stack sees every overlap.
    func ranges() -> [Violation] {
        var open: [Range] = []
        var violations: [Violation] = []
        for range in allRanges().sorted(by: <) {
            while let last = open.last, !last.cidr.contains(range.cidr) { open.removeLast() }
            for outer in open {
                guard let text = clash(outer: outer, inner: range) else { continue }
                violations.append(
                    Violation(
                        reason: Reason.conflict,
                        parties: order(outer, range)
                    ) { blamed, others in
                        let isOuter = blamed.path == outer.party.path && blamed.version.key == outer.party.version.key
                        let other = others.first?.place ?? blamed.place
                        return isOuter ? (text.outer(other), text.remedy) : (text.inner(other), text.remedy)
                    })
            }
            if range.role != .endpoint { open.append(range) }
        }
        return violations
    }

    /// A route gives way before an endpoint or a subnet, a node before an overlay; of equals the last by name.
    private func order(_ outer: Range, _ inner: Range) -> [Violation.Party] {
        switch (outer.role, inner.role) {
        case (.route, .endpoint), (.route, .subnet): [outer.party, inner.party]
        case (.subnet, .route), (.subnet, .endpoint): [inner.party, outer.party]
        default: FleetRules.latestFirst([outer.party, inner.party])
        }
    }

    private struct Text {
        let outer: (String) -> String
        let inner: (String) -> String
        let remedy: String
    }

    private func clash(outer: Range, inner: Range) -> Text? {
        let (wide, narrow) = (outer.cidr, inner.cidr)
        let isSameOverlay = outer.overlay == inner.overlay
        switch (outer.role, inner.role) {
        case (.subnet, .subnet):
            return Text(
                outer: { "\(wide) overlaps \(narrow) of \($0)" }, inner: { "\(narrow) overlaps \(wide) of \($0)" },
                remedy: "give each overlay a subnet of its own")
        case (.route, .route):
            guard isSameOverlay, outer.party.version.key != inner.party.version.key else { return nil }
            return Text(
                outer: { "\(wide) overlaps \(narrow) of \($0)" }, inner: { "\(narrow) overlaps \(wide) of \($0)" },
                remedy: "let one node have it")
        case (.subnet, .route):
            if isSameOverlay, wide.family == .v4, wide != narrow { return nil }
            let why = !isSameOverlay ? "another overlay" : wide == narrow ? "the whole of it" : "IPv6"
            return Text(
                outer: { "\(wide) contains the route \(narrow) of \($0) (\(why))" },
                inner: { "\(narrow) lies in the subnet \(wide) of \($0) (\(why))" },
                remedy: "only an IPv4 part of the own overlay's subnet may be routed")
        case (.route, .subnet):
            return Text(
                outer: { "\(wide) covers the subnet \(narrow) of \($0)" },
                inner: { "\(narrow) is covered by the route \(wide) of \($0)" },
                remedy: "route smaller networks")
        case (.subnet, .endpoint), (.route, .endpoint):
            return Text(
                outer: { "\(wide) covers the endpoint \(narrow.address) of \($0)" },
                inner: { "\(narrow.address) lies in \(wide) of \($0)" },
                remedy: "the tunnel cannot carry its own outer packets: choose another network")
        case (.endpoint, _): return nil
        }
    }

    private func allRanges() -> [Range] {
        var ranges: [Range] = []
        for (version, overlay) in overlays {
            for (index, subnet) in overlay.spec.subnets.enumerated() {
                let isHeld = lastGoodOverlay(version.key)?.subnets.contains(subnet) ?? false
                ranges.append(
                    Range(
                        cidr: subnet, role: .subnet, overlay: version.key.name,
                        party: .init(version: version, path: FleetRules.spec + "subnets" + index, isHeld: isHeld)))
            }
        }
        for (version, node) in nodes {
            let lastGood = lastGoodNode(version.key)
            func endpoint(_ endpoint: Endpoint?, _ path: FieldPath, _ overlay: String) {
                guard case .address(let address)? = endpoint?.host else { return }
                let isHeld = lastGood?.overlays.contains { $0.endpoint == endpoint } ?? false
                ranges.append(
                    Range(
                        cidr: address.hostCIDR, role: .endpoint, overlay: overlay,
                        party: .init(version: version, path: path, isHeld: isHeld || lastGood?.endpoint == endpoint)))
            }
            endpoint(node.spec.endpoint, FleetRules.spec + "endpoint", "")
            for (index, membership) in node.spec.overlays.enumerated() {
                let path = FleetRules.spec + "overlays" + index
                endpoint(membership.endpoint, path + "endpoint", membership.name)
                let previous = lastGood?.overlays.first { $0.name == membership.name }?.routes ?? []
                for (number, route) in membership.routes.enumerated() {
                    ranges.append(
                        Range(
                            cidr: route, role: .route, overlay: membership.name,
                            party: .init(
                                version: version, path: path + "routes" + number, isHeld: previous.contains(route))))
                }
            }
        }
        return ranges
    }
}

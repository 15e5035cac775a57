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
        /// Several where nodes route the same network, or overlays have the same subnet.
        let parties: [Violation.Party]
        /// Who has it once the others have given way.
        let party: Violation.Party

        init(cidr: CIDR, role: Role, overlay: String, parties: [Violation.Party]) {
            self.cidr = cidr
            self.role = role
            self.overlay = overlay
            self.parties = parties
            party = FleetRules.keeper(of: parties) ?? parties[0]
        }

        /// Whether both are one thing that one party can have.
        func isSame(as other: Range) -> Bool {
            cidr == other.cidr && role == other.role && role != .endpoint
                && (role == .subnet || overlay == other.overlay)
        }

        static func < (a: Range, b: Range) -> Bool {
            a.cidr == b.cidr
                ? (a.role.rawValue, a.overlay, a.party.version.key) < (b.role.rawValue, b.overlay, b.party.version.key)
                : a.cidr < b.cidr
        }
    }

    /// Clashes of one range that are told in one round; what is left is found in the next.
    private static let clashLimit = 20

    /// CIDRs nest or are apart, so one pass in order with the open ones on a stack sees every overlap.
    func ranges() -> [Violation] {
        var open: [Range] = []
        var violations: [Violation] = []
        for range in merged(allRanges().sorted(by: <)) {
            while let last = open.last, !last.cidr.contains(range.cidr) { open.removeLast() }
            if range.parties.count > 1, let text = clash(outer: range, inner: range) {
                violations += contest(range.parties) { blamed, others in
                    (text.inner(others.first?.place ?? blamed.place), text.remedy)
                }
            }
            let clashes = open.lazy.compactMap { outer in clash(outer: outer, inner: range).map { (outer, $0) } }
            for (outer, text) in clashes.prefix(FleetRules.clashLimit) {
                violations.append(
                    Violation(reason: Reason.conflict, parties: order(outer, range)) { blamed, others in
                        let isOuter = blamed.path == outer.party.path && blamed.version.key == outer.party.version.key
                        let other = others.first?.place ?? blamed.place
                        return isOuter ? (text.outer(other), text.remedy) : (text.inner(other), text.remedy)
                    })
            }
            if range.role != .endpoint { open.append(range) }
        }
        return violations
    }

    /// One range for all who have the same, so that a network which ten thousand nodes claim is no hundred million pairs.
    private func merged(_ sorted: [Range]) -> [Range] {
        var groups: [[Range]] = []
        for range in sorted {
            if let last = groups.last?.first, last.isSame(as: range) {
                groups[groups.count - 1].append(range)
            } else {
                groups.append([range])
            }
        }
        return groups.map { same in
            same.count == 1
                ? same[0]
                : Range(cidr: same[0].cidr, role: same[0].role, overlay: same[0].overlay, parties: same.map(\.party))
        }
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
            guard isSameOverlay, wide == narrow || outer.party.version.key != inner.party.version.key else { return nil }
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
                        parties: [.init(version: version, path: FleetRules.spec + "subnets" + index, isHeld: isHeld)]))
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
                        parties: [
                            .init(version: version, path: path, isHeld: isHeld || lastGood?.endpoint == endpoint)
                        ]))
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
                            parties: [
                                .init(version: version, path: path + "routes" + number, isHeld: previous.contains(route))
                            ]))
                }
            }
        }
        return ranges
    }
}

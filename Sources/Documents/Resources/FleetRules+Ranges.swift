internal import Manifest
internal import NetAddress

/// Subnets, routes and endpoints: what may contain what.
extension FleetRules {
    /// One network in one role, as one resource claims it.
    private struct Range {
        let claim: Claims.Range
        let version: ResourceVersion

        /// Whether both are one thing that one resource can have: a subnet, or a network behind a node.
        func isOneThing(with other: Range) -> Bool {
            claim.cidr == other.claim.cidr && claim.role == other.claim.role && claim.role != .endpoint
                && (claim.role == .subnet || claim.overlay == other.claim.overlay)
        }

        static func < (a: Range, b: Range) -> Bool {
            if a.claim.cidr != b.claim.cidr { return a.claim.cidr < b.claim.cidr }
            if a.claim.role != b.claim.role { return a.claim.role.rawValue < b.claim.role.rawValue }
            if a.claim.overlay != b.claim.overlay { return a.claim.overlay < b.claim.overlay }
            return a.version.key < b.version.key
        }
    }

    /// Who claims one thing, at least one. Its clashes with others are those of its keeper: what ten thousand nodes claim
    /// is no hundred million pairs.
    private typealias Group = ArraySlice<Range>

    /// Clashes of one group that are told in one round; what is left is found in the next.
    private static let clashLimit = 20

    /// CIDRs nest or are apart, so one pass in order with the open ones on a stack sees every overlap.
    func ranges() -> [Violation] {
        let ranges = sortedRanges()
        var keepers: [Int: Violation.Party] = [:]
        func keeper(of group: Group) -> Violation.Party? {
            if let known = keepers[group.startIndex] { return known }
            keepers[group.startIndex] = FleetRules.keeper(of: group.map(party))
            return keepers[group.startIndex]
        }
        var open: [Group] = []
        var violations: [Violation] = []
        var next = 0
        while next < ranges.count {
            let claim = ranges[next].claim
            let end = ranges[(next + 1)...].firstIndex { !$0.isOneThing(with: ranges[next]) } ?? ranges.count
            let group = ranges[next..<end]
            next = end
            while let last = open.last?.first, !last.claim.cidr.contains(claim.cidr) { open.removeLast() }
            if group.count > 1, let text = clash(outer: claim, inner: claim) {
                violations += contest(group.map(party)) { blamed, others in
                    (text.inner(others.first?.place ?? blamed.place), text.remedy)
                }
            }
            var clashes = 0
            for other in open where clashes < FleetRules.clashLimit {
                guard let wide = other.first?.claim, let text = clash(outer: wide, inner: claim),
                    let outer = keeper(of: other), let inner = keeper(of: group)
                else { continue }
                // A node may route a network and a part of it.
                if wide.role == .route, claim.role == .route, outer.version === inner.version { continue }
                clashes += 1
                let parties = order(wide.role, outer, claim.role, inner)
                let explain: Violation.Explanation = { blamed, others in
                    let isOuter = blamed.path == outer.path && blamed.version === outer.version
                    let other = others.first?.place ?? blamed.place
                    return isOuter ? (text.outer(other), text.remedy) : (text.inner(other), text.remedy)
                }
                if wide.role == claim.role, Violation.isTie(parties) {
                    violations += FleetRules.tie(parties, explain)
                } else {
                    violations.append(Violation(reason: Reason.conflict, parties: parties, explain: explain))
                }
            }
            if claim.role != .endpoint { open.append(group) }
        }
        return violations
    }

    private func sortedRanges() -> [Range] {
        let ranges = (nodes + overlays).flatMap { version in
            version.claims.ranges.map { Range(claim: $0, version: version) }
        }
        // Numbers alone are moved about while sorting, which takes a third of the time.
        return ranges.indices.map { (cidr: ranges[$0].claim.cidr, index: $0) }
            .sorted { $0.cidr == $1.cidr ? ranges[$0.index] < ranges[$1.index] : $0.cidr < $1.cidr }
            .map { ranges[$0.index] }
    }

    private func party(_ range: Range) -> Violation.Party {
        .init(version: range.version, path: range.claim.field.path, isHeld: isHeld(range))
    }

    private func isHeld(_ range: Range) -> Bool {
        lastGoodClaims(range.version)?.ranges.contains { before in
            before.cidr == range.claim.cidr && before.role == range.claim.role
                && (before.overlay == range.claim.overlay || range.claim.role == .endpoint)
        } ?? false
    }

    /// A route gives way before an endpoint or a subnet, a node before an overlay.
    private func order(
        _ outerRole: Claims.Range.Role, _ outer: Violation.Party, _ innerRole: Claims.Range.Role,
        _ inner: Violation.Party
    ) -> [Violation.Party] {
        switch (outerRole, innerRole) {
        case (.route, .endpoint), (.route, .subnet): [outer, inner]
        case (.subnet, .route), (.subnet, .endpoint): [inner, outer]
        default: FleetRules.latestFirst([outer, inner])
        }
    }

    private struct Text {
        let outer: (String) -> String
        let inner: (String) -> String
        let remedy: String
    }

    /// What is wrong when one contains the other, or is the same; nil when that is allowed.
    private func clash(outer: Claims.Range, inner: Claims.Range) -> Text? {
        let (wide, narrow) = (outer.cidr, inner.cidr)
        let isSameOverlay = outer.overlay == inner.overlay
        switch (outer.role, inner.role) {
        case (.subnet, .subnet):
            return Text(
                outer: { "\(wide) overlaps \(narrow) of \($0)" }, inner: { "\(narrow) overlaps \(wide) of \($0)" },
                remedy: "give each overlay a subnet of its own")
        case (.route, .route):
            guard isSameOverlay else { return nil }
            // WireGuard and the kernel take the longest prefix. Slices of the subnet are apart all the same: two hosts would
            // give one address to containers.
            let subnets = overlaysByName[outer.overlay]?.claims.subnets ?? []
            guard wide == narrow || subnets.contains(where: narrow.overlaps) else { return nil }
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
}

internal import Algorithms
internal import NetAddress

/// Who in the fleet claims what, to tell whether a few changed Nodes get along with all others without comparing all
/// with all. Made of every version that may count: the documents, and what they fall back to.
struct FleetIndex: Sendable {
    private enum Thing: Hashable {
        case publicKey(PublicKey)
        case address(Claims.OverlayAddress)
    }

    /// A range that a Node claims.
    private struct Range {
        let cidr: CIDR
        let isEndpoint: Bool
        let owner: Int32
    }

    let contenders: Contenders
    let overlays: [Contender]
    /// Positions in `contenders`, by the thing's hash: two things that share one only cost a look at the whole fleet.
    private var owners: [Int: Int32] = [:]
    /// What several claim.
    private var contested: Set<Int> = []
    /// Sorted: what lies in a network follows it.
    private var ranges: [Range] = []

    init(_ contenders: Contenders) {
        self.contenders = contenders
        overlays = contenders.all.filter { $0.key.kind == .overlay }
        for (position, contender) in contenders.all.enumerated() where contender.key.kind == .node {
            let versions = [contender.live, contender.fresh === contender.live ? nil : contender.fresh]
            for version in versions.compactMap({ $0 }) { add(version.claims, of: Int32(position)) }
        }
        ranges.sort { $0.cidr < $1.cidr }
    }

    private mutating func add(_ claims: Claims, of owner: Int32) {
        for thing in FleetIndex.things(of: claims) {
            if let other = owners.updateValue(owner, forKey: thing), other != owner { contested.insert(thing) }
        }
        for range in claims.ranges {
            ranges.append(Range(cidr: range.cidr, isEndpoint: range.role == .endpoint, owner: owner))
        }
    }

    private static func things(of claims: Claims) -> [Int] {
        (claims.publicKey.map { [Thing.publicKey($0).hashValue] } ?? [])
            + claims.addresses.map { Thing.address($0.thing).hashValue }
    }

    /// Whether a changed Node claims something that one outside of `changed` claims as well, or may be at odds over.
    func isDisputed(_ claims: Claims, changed: Set<Int32>) -> Bool {
        FleetIndex.things(of: claims).contains { thing in
            contested.contains(thing) || owners[thing].map { !changed.contains($0) } ?? false
        }
            || claims.ranges.contains { range in
                overlapping(range.cidr).contains { other in
                    !changed.contains(other.owner) && !(other.isEndpoint && range.role == .endpoint)
                }
            }
    }

    /// Networks are nested or apart: what contains `cidr` has one of its prefixes, what lies in it comes after it.
    private func overlapping(_ cidr: CIDR) -> [Range] {
        var found: [Range] = []
        for length in 0..<cidr.prefixLength {
            let outer = CIDR(containing: cidr.address, prefixLength: length)
            for range in ranges[ranges.partitioningIndex { $0.cidr >= outer }...] {
                guard range.cidr == outer else { break }
                found.append(range)
            }
        }
        for range in ranges[ranges.partitioningIndex { $0.cidr >= cidr }...] {
            guard cidr.contains(range.cidr) else { break }
            found.append(range)
        }
        return found
    }
}

internal import Algorithms
internal import NetAddress

/// What the live Nodes of a fleet claim. It finds the Nodes that a changed one may be in conflict with; the cost of that
/// does not grow with the fleet.
///
/// Owners are positions in the list of all contenders.
struct ClaimIndex: Sendable {
    private enum Thing: Hashable {
        case publicKey(PublicKey)
        case address(Claims.OverlayAddress)
    }

    private struct Range: Comparable {
        let cidr: CIDR
        let isEndpoint: Bool
        let owner: Int32

        static func < (a: Range, b: Range) -> Bool {
            if a.cidr != b.cidr { return a.cidr < b.cidr }
            return a.owner == b.owner ? !a.isEndpoint && b.isEndpoint : a.owner < b.owner
        }
    }

    /// How many of the networks around another one are looked at: of one overlay or several, more are nobody's plan.
    private static let nestingLimit = 8

    /// By overlay, for endpoints without a port.
    private let listenPorts: [String: UInt16]
    private var things = OwnerTable()
    private var endpoints = OwnerTable()
    /// Sorted: what lies in a network follows it.
    private var ranges: [Range] = []

    init(_ contenders: [Contender], listenPorts: [String: UInt16]) {
        self.listenPorts = listenPorts
        for (position, contender) in contenders.enumerated() where contender.key.kind == .node {
            guard let version = contender.live else { continue }
            addThings(of: version, owner: Int32(position))
            ranges += ClaimIndex.ranges(of: version, owner: Int32(position))
        }
        ranges.sort()
    }

    mutating func add(_ version: ResourceVersion, owner: Int32) {
        addThings(of: version, owner: owner)
        for range in ClaimIndex.ranges(of: version, owner: owner) {
            ranges.insert(range, at: ranges.partitioningIndex { $0 >= range })
        }
    }

    mutating func remove(_ version: ResourceVersion, owner: Int32) {
        for thing in ClaimIndex.things(of: version.claims) { things.remove(thing, of: owner) }
        for endpoint in endpoints(of: version) { endpoints.remove(endpoint, of: owner) }
        for range in ClaimIndex.ranges(of: version, owner: owner) {
            let position = ranges.partitioningIndex { $0 >= range }
            if position < ranges.endIndex, ranges[position] == range { ranges.remove(at: position) }
        }
    }

    /// The owners of whatever may be in conflict with these claims.
    func neighbours(of claims: Claims) -> Set<Int32> {
        var found = Set(ClaimIndex.things(of: claims).flatMap(things.owners))
        for range in claims.ranges {
            for other in overlapping(range.cidr) where !(other.isEndpoint && range.role == .endpoint) {
                found.insert(other.owner)
            }
        }
        return found
    }

    /// The Nodes that have the same HOST:PORT as another one.
    var endpointSharers: Set<Int32> { endpoints.sharers }

    /// Networks behind nodes that lie in a network behind another node, each with those that contain it.
    var nestedRoutes: [(outer: (cidr: CIDR, owner: Int32), inner: (cidr: CIDR, owner: Int32))] {
        var open: [Range] = []
        var found: [(outer: (cidr: CIDR, owner: Int32), inner: (cidr: CIDR, owner: Int32))] = []
        for range in ranges where !range.isEndpoint {
            while let last = open.last, !last.cidr.contains(range.cidr) { open.removeLast() }
            for outer in open.suffix(ClaimIndex.nestingLimit)
            where outer.cidr != range.cidr && outer.owner != range.owner {
                found.append(((outer.cidr, outer.owner), (range.cidr, range.owner)))
            }
            open.append(range)
        }
        return found
    }

    private mutating func addThings(of version: ResourceVersion, owner: Int32) {
        for thing in ClaimIndex.things(of: version.claims) { things.add(thing, of: owner) }
        for endpoint in endpoints(of: version) { endpoints.add(endpoint, of: owner) }
    }

    private static func things(of claims: Claims) -> [Int] {
        (claims.publicKey.map { [Thing.publicKey($0).hashValue] } ?? [])
            + claims.addresses.map { Thing.address($0.thing).hashValue }
    }

    private static func ranges(of version: ResourceVersion, owner: Int32) -> [Range] {
        version.claims.ranges.map { Range(cidr: $0.cidr, isEndpoint: $0.role == .endpoint, owner: owner) }
    }

    private func endpoints(of version: ResourceVersion) -> [Int] {
        guard let spec = version.content.node?.spec else { return [] }
        return SharedEndpoints.endpoints(of: spec, listenPorts: listenPorts).map(\.endpoint.hashValue)
    }

    /// Networks are nested or apart: what contains `cidr` has one of its prefixes, what lies in it comes after it.
    private func overlapping(_ cidr: CIDR) -> [Range] {
        var found: [Range] = []
        for length in 0..<cidr.prefixLength {
            let outer = CIDR(containing: cidr.address, prefixLength: length)
            found += ranges[ranges.partitioningIndex { $0.cidr >= outer }...].prefix { $0.cidr == outer }
        }
        found += ranges[ranges.partitioningIndex { $0.cidr >= cidr }...].prefix { cidr.contains($0.cidr) }
        return found
    }
}

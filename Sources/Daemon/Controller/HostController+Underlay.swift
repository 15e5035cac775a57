internal import HostState
internal import NetAddress
internal import Reconciler
internal import Resources
internal import RouteNetlink

/// What the underlay carries on the way to the endpoints, as last found.
struct UnderlayPaths: Sendable {
    /// Bytes, by address. One that has lost its route keeps what it had: a link that flaps changes no plan.
    var pathMTUs: [IPAddress: UInt32] = [:]
    /// The occupancy's number that this was looked up at.
    var version: Int?
    /// Goes up with every change of it.
    var edition = 0

    /// Ethernet's (RFC 894), where no endpoint says more.
    static let usualMTU: UInt32 = 1500

    mutating func add(_ paths: [IPAddress: UInt32]) {
        pathMTUs.merge(paths) { _, new in new }
        edition += 1
    }

    var smallestMTU: UInt32? { pathMTUs.values.min() }

    /// - Parameter occupancy: nil when it could not be read, which says nothing.
    func isOutdated(by occupancy: RouteNetlinkClient.Occupancy?) -> Bool {
        occupancy.map { $0.underlay != version } ?? false
    }
}

extension HostController {
    /// Follows what the underlay carries, and keeps its smallest MTU once there is one.
    ///
    /// - Parameters:
    ///   - occupancy: as just read; nil when it could not be.
    ///   - isResync: look everywhere: routing rules and other tables change without a word.
    func lookAtUnderlay(
        of live: ResourceSet, occupancy: RouteNetlinkClient.Occupancy?, isResync: Bool = false
    ) async {
        let edition = underlay.edition
        let found = await underlay(of: live, occupancy: occupancy, isResync: isResync)
        // What came in meanwhile may be of endpoints that this look does not know.
        if underlay.edition == edition { underlay = found } else { underlay.add(found.pathMTUs) }
        underlay.edition += 1
        if let smallest = underlay.smallestMTU {
            await inventory.keep(underlayMTU: smallest, unlessGoingDown: facts.plan)
        }
    }

    /// Asks for the paths to endpoints that are new, or to all when something has changed.
    func underlay(
        of live: ResourceSet, occupancy: RouteNetlinkClient.Occupancy?, isResync: Bool = false
    ) async -> UnderlayPaths {
        var found = underlay
        let endpoints = endpoints(of: live)
        found.pathMTUs = found.pathMTUs.filter { endpoints.contains($0.key) }
        let isChanged = isResync || found.isOutdated(by: occupancy)
        var rest = endpoints.filter { isChanged || found.pathMTUs[$0] == nil }[...]
        while !rest.isEmpty {
            // In pieces, so that no change of the network lane waits for thousands of look-ups.
            let piece = rest.prefix(128)
            rest = rest.dropFirst(piece.count)
            guard let mtus = try? await routes.pathMTUs(to: piece) else { return found }
            found.pathMTUs.merge(mtus) { _, new in new }
        }
        if let occupancy { found.version = occupancy.underlay }
        return found
    }

    /// The addresses that other nodes are dialled at, those of resolved names included.
    private func endpoints(of live: ResourceSet) -> Set<IPAddress> { endpoints(of: live.nodes) }

    /// The same of some nodes.
    func endpoints(of nodes: [Node]) -> Set<IPAddress> {
        let resolved = board.read(ResolvedNames.self).addresses
        var addresses: Set<IPAddress> = []
        for node in nodes where node.metadata.name != options.node {
            for endpoint in [node.spec.endpoint] + node.spec.overlays.map(\.endpoint) {
                switch endpoint?.host {
                case .address(let address): addresses.insert(address)
                case .name(let name): addresses.formUnion(resolved[name] ?? [])
                case nil: break
                }
            }
        }
        return addresses
    }
}
